using System.Net;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>A volume that is not there, as when a disk was not mounted: its files are unavailable, never "not found".</summary>
public sealed class VanishedVolumeTests(ClassInstallation shared, ITestOutputHelper output) : IClassFixture<ClassInstallation>
{
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(20);

    private static readonly string Unknown = new('7', 64);

    [Fact]
    public async Task Vanished_volume_is_503_while_the_others_are_served_and_comes_back()
    {
        var installation = shared.Installation;
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();
        var randomness = TestRun.Randomness(output);
        await UploadAsync(files, randomness, count: 40);
        var here = FileOn(installation.FirstVolume, vault);
        var gone = FileOn(installation.SecondVolume, vault);

        Directory.Move(installation.SecondVolume, installation.SecondVolume + ".away");
        await AssertUnavailableAsync(files, gone);
        await files.VerifyAsync(here);
        await UploadAsync(files, randomness, count: 10);
        Assert.False(Directory.Exists(installation.SecondVolume), "The server wrote where the volume is missing.");
        Assert.Single(await installation.Admin.ListVolumesAsync(), volume => !volume.Online && volume.Problem is not null);

        Directory.Move(installation.SecondVolume + ".away", installation.SecondVolume);
        await AssertBackAsync(files, gone);
    }

    [Fact]
    public async Task Server_started_without_a_volume_serves_the_rest_and_takes_the_volume_back()
    {
        var installation = shared.Installation;
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();
        await UploadAsync(files, TestRun.Randomness(output), count: 40);
        var here = FileOn(installation.FirstVolume, vault);
        var gone = FileOn(installation.SecondVolume, vault);
        await installation.Server.StopAsync();

        Directory.Move(installation.SecondVolume, installation.SecondVolume + ".away");

        // What an unmounted disk leaves: an empty directory without a marker.
        Directory.CreateDirectory(installation.SecondVolume);
        await installation.Server.StartAgainAsync(waitFor: "/healthz");
        await AssertUnavailableAsync(files, gone);
        await files.VerifyAsync(here);
        Assert.Empty(Directory.EnumerateFileSystemEntries(installation.SecondVolume));

        Directory.Delete(installation.SecondVolume);
        Directory.Move(installation.SecondVolume + ".away", installation.SecondVolume);
        await AssertBackAsync(files, gone);
    }

    private static async Task AssertUnavailableAsync(VaultFiles files, string gone)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await files.StatusOfAsync(gone));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await files.StatusOfAsync(Unknown));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await files.StatusOfListAsync());
    }

    private static async Task AssertBackAsync(VaultFiles files, string gone)
    {
        await Eventually.HoldsAsync(
            "the volume is served again", Notice, async () => await files.StatusOfAsync(gone) == HttpStatusCode.OK);
        await files.VerifyAsync(gone);
        Assert.Equal(HttpStatusCode.NotFound, await files.StatusOfAsync(Unknown));
        Assert.Equal(HttpStatusCode.OK, await files.StatusOfListAsync());
    }

    private static async Task UploadAsync(VaultFiles files, Random randomness, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var content = new byte[500];
            randomness.NextBytes(content);
            Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
        }
    }

    private static string FileOn(string volume, Vault vault) => Path.GetFileName(
        Directory.EnumerateFiles(Path.Combine(vault.DirectoryOn(volume), "data"), "*", SearchOption.AllDirectories).First());
}
