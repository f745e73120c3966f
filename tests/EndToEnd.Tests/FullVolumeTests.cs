using System.Net;
using Halley.Protocol;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>Volumes that really are full: file systems of a few megabytes.</summary>
public sealed class FullVolumeTests(ITestOutputHelper output)
{
    private const int Megabyte = 1024 * 1024;

    private static readonly Dictionary<string, string> NoReserve = new() { [ServerOptions.VolumeReserve] = "0" };

    [Fact]
    public async Task Full_volume_hands_over_to_the_other_and_all_full_is_507()
    {
        await using var small = await TmpfsVolume.MountAsync(megabytes: 12);
        await using var other = await TmpfsVolume.MountAsync(megabytes: 24);
        await using var installation = await Installation.StartAsync(small.Path, NoReserve);
        await installation.Admin.AddVolumeAsync(other.Path);
        await CloseAsync(installation, installation.FirstVolume);
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();

        var accepted = await UploadUntilRefusedAsync(files, TestRun.Randomness(output));

        Assert.True(accepted.Count >= 32, $"Only {accepted.Count} files of 1 MiB were accepted on 36 MiB.");
        Assert.True(small.FreeBytes < 2 * Megabyte && other.FreeBytes < 2 * Megabyte, $"Free: {small.FreeBytes} and {other.FreeBytes}");
        foreach (var name in accepted)
        {
            await files.VerifyAsync(name);
        }

        Assert.Equal(HttpStatusCode.OK, await files.DeleteAsync(accepted[0]));
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(new byte[1000]));
    }

    [Fact]
    public async Task Volume_filled_behind_the_servers_back_is_not_seen_by_clients()
    {
        await using var small = await TmpfsVolume.MountAsync(megabytes: 16);
        await using var installation = await Installation.StartAsync(small.Path, NoReserve);
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();
        var randomness = TestRun.Randomness(output);
        var accepted = new List<string>();

        // Another program takes all but half a megabyte in the midst of uploads of a megabyte each.
        for (var upload = 0; upload < 40; upload++)
        {
            if (upload == 8)
            {
                FillUp(small, leave: Megabyte / 2);
            }

            var content = new byte[Megabyte];
            randomness.NextBytes(content);
            Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
            accepted.Add(VaultFiles.NameOf(content));
        }

        foreach (var name in accepted)
        {
            await files.VerifyAsync(name);
        }
    }

    [Fact]
    public async Task Volume_without_inodes_hands_over_to_the_other_and_alone_is_507()
    {
        await using var small = await TmpfsVolume.MountAsync(megabytes: 64, inodes: 60);
        await using var installation = await Installation.StartAsync(small.Path, NoReserve);
        await CloseAsync(installation, installation.FirstVolume);
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();

        var accepted = await UploadUntilRefusedAsync(files, TestRun.Randomness(output), size: 5000);
        Assert.InRange(accepted.Count, 10, 50); // folders take inodes, too
        Assert.True(small.FreeBytes > 32 * Megabyte, "The volume was filled with bytes rather than files.");

        await installation.Admin.SetVolumeModeAsync((await installation.VolumeAtAsync(installation.FirstVolume)).Id, VolumeMode.Writable);
        accepted.AddRange(await UploadSmallFilesAsync(files, new Random(1), count: 40));
        foreach (var name in accepted)
        {
            await files.VerifyAsync(name);
        }

        foreach (var volume in new[] { small.Path, installation.FirstVolume })
        {
            var torn = Directory.EnumerateFiles(vault.DirectoryOn(volume), "*", SearchOption.AllDirectories)
                .Where(file => VaultFiles.NameOf(File.ReadAllBytes(file)) != Path.GetFileName(file));
            Assert.Empty(torn);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(volume, ".incoming")));
        }

        await CloseAsync(installation, installation.FirstVolume);
        Assert.Equal(HttpStatusCode.OK, await files.DeleteAsync(accepted[0]));
        Assert.Equal(HttpStatusCode.OK, await files.DeleteAsync(accepted[1]));
        // A look at the volume while it had no inode left may have closed it to new files; the next one opens it again.
        await Eventually.HoldsAsync(
            "files are taken again", TimeSpan.FromSeconds(30), async () => await files.UploadAsync(new byte[1000]) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Read_only_volume_is_read_and_never_written()
    {
        await using var installation = await Installation.StartAsync();
        var vault = await Vault.AddToAsync(installation);
        using var files = vault.OpenWithHttp();
        var randomness = TestRun.Randomness(output);
        var before = await UploadSmallFilesAsync(files, randomness, count: 40);
        var onSecond = FilesOn(installation.SecondVolume, vault);
        Assert.NotEmpty(onSecond);

        await CloseAsync(installation, installation.SecondVolume);
        var after = await UploadSmallFilesAsync(files, randomness, count: 40);

        Assert.Equal(onSecond, FilesOn(installation.SecondVolume, vault));
        foreach (var name in before.Concat(after))
        {
            await files.VerifyAsync(name);
        }

        Assert.Equal(HttpStatusCode.OK, await files.DeleteAsync(onSecond.First()));
        Assert.Equal(HttpStatusCode.NotFound, await files.StatusOfAsync(onSecond.First()));

        await CloseAsync(installation, installation.FirstVolume);
        Assert.Equal(HttpStatusCode.InsufficientStorage, await files.UploadAsync([1, 2, 3]));
    }

    private static async Task CloseAsync(Installation installation, string path) =>
        await installation.Admin.SetVolumeModeAsync((await installation.VolumeAtAsync(path)).Id, VolumeMode.ReadOnly);

    private static async Task<List<string>> UploadUntilRefusedAsync(VaultFiles files, Random randomness, int size = Megabyte)
    {
        var accepted = new List<string>();
        var content = new byte[size];
        while (accepted.Count < 100)
        {
            randomness.NextBytes(content);
            var status = await files.UploadAsync(content);
            if (status != HttpStatusCode.OK)
            {
                Assert.Equal(HttpStatusCode.InsufficientStorage, status);
                return accepted;
            }

            accepted.Add(VaultFiles.NameOf(content));
        }

        throw new InvalidOperationException("100 files were accepted on volumes that have no room for them.");
    }

    private static async Task<List<string>> UploadSmallFilesAsync(VaultFiles files, Random randomness, int count)
    {
        var names = new List<string>();
        for (var number = 0; number < count; number++)
        {
            var content = new byte[100 + number];
            randomness.NextBytes(content);
            Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
            names.Add(VaultFiles.NameOf(content));
        }

        return names;
    }

    private static void FillUp(TmpfsVolume volume, long leave)
    {
        using var filler = File.Create(Path.Combine(volume.Path, "somebody-elses-file"));
        filler.Write(new byte[volume.FreeBytes - leave]);
    }

    private static SortedSet<string> FilesOn(string volume, Vault vault) => new(
        Directory.EnumerateFiles(vault.DirectoryOn(volume), "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)),
        StringComparer.Ordinal);
}
