using System.Collections.Concurrent;
using System.Net;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>The server dies of SIGKILL while files are uploaded, again and again, and starts again on what is there.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Uploaders = 6;

    private static readonly int[] Sizes = [1, 900, 30_000, 200_000, 1_000_000, 6_000_000];

    private readonly ConcurrentQueue<string> _acknowledged = new();
    private readonly ConcurrentQueue<HttpStatusCode> _refusals = new();

    [Fact]
    public async Task Killed_server_loses_and_tears_no_acknowledged_file()
    {
        var rounds = TestRun.IsSlow ? 120 : 3;
        var randomness = TestRun.Randomness(output);
        await using var installation = await Installation.StartAsync();
        var vault = await Vault.AddToAsync(installation);
        var survivors = new HashSet<string>();
        var total = 0;
        for (var round = 0; round < rounds; round++)
        {
            await UploadUntilKilledAsync(installation, vault, randomness);
            await PlantLeftoverAsync(installation.SecondVolume);
            await installation.Server.StartAgainAsync();

            Assert.Empty(_refusals);
            await AssertNothingLostOrTornAsync(installation, vault);
            total += _acknowledged.Count;
            KeepOneInTen(vault, survivors);
        }

        using var files = vault.OpenWithHttp();
        foreach (var name in survivors)
        {
            await files.VerifyAsync(name);
        }

        output.WriteLine($"{rounds} kills, {total} acknowledged files, {survivors.Count} of them checked again at the end");
        Assert.True(total > rounds, "Hardly anything was acknowledged: nothing was tested.");
    }

    private async Task UploadUntilKilledAsync(Installation installation, Vault vault, Random randomness)
    {
        _acknowledged.Clear();
        var uploads = Enumerable.Range(0, Uploaders).Select(_ => UploadAsync(vault, new Random(randomness.Next()))).ToList();

        await Eventually.HoldsAsync("a file is acknowledged", TimeSpan.FromSeconds(60), () => !_acknowledged.IsEmpty);
        // The one wait by the clock: it is the random moment.
        await Task.Delay(randomness.Next(500));
        await installation.Server.KillAsync();
        await Task.WhenAll(uploads);
    }

    private async Task UploadAsync(Vault vault, Random randomness)
    {
        using var files = vault.OpenWithHttp();
        try
        {
            while (true)
            {
                var content = new byte[randomness.Next(1, Sizes[randomness.Next(Sizes.Length)] + 1)];
                randomness.NextBytes(content);
                var status = await files.UploadAsync(content);
                if (status == HttpStatusCode.OK)
                {
                    _acknowledged.Enqueue(VaultFiles.NameOf(content));
                }
                else
                {
                    _refusals.Enqueue(status);
                }
            }
        }
        catch (HttpRequestException)
        {
            // The server was killed: whatever this upload was doing, it was not acknowledged.
        }
    }

    // The kill itself leaves files there only when it meets an upload; this one is there in every round.
    private static Task PlantLeftoverAsync(string volume) =>
        File.WriteAllTextAsync(
            Path.Combine(Directory.CreateDirectory(Path.Combine(volume, ".incoming")).FullName, $"left-over-{Guid.NewGuid():N}"),
            "half a file");

    private async Task AssertNothingLostOrTornAsync(Installation installation, Vault vault)
    {
        using var files = vault.OpenWithHttp();
        foreach (var name in _acknowledged)
        {
            await files.VerifyAsync(name);
        }

        await ValidationCommand.AssertOnlyOkAsync(vault);
        await Eventually.HoldsAsync("what the kill left in .incoming is swept", TimeSpan.FromSeconds(20), () => installation.Volumes
            .Select(volume => Path.Combine(volume, ".incoming"))
            .All(incoming => !Directory.Exists(incoming) || !Directory.EnumerateFiles(incoming, "*", SearchOption.AllDirectories).Any()));
    }

    // The rest goes, so that a hundred rounds neither fill the disk nor check the same files a hundred times.
    private static void KeepOneInTen(Vault vault, HashSet<string> survivors)
    {
        var files = vault.Directories.SelectMany(
            directory => Directory.GetFiles(Path.Combine(directory, "data"), "*", SearchOption.AllDirectories));
        foreach (var (number, file) in files.Where(file => !survivors.Contains(Path.GetFileName(file))).Index().ToList())
        {
            if (number % 10 == 0)
            {
                survivors.Add(Path.GetFileName(file));
            }
            else
            {
                File.Delete(file);
            }
        }
    }
}
