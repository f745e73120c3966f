using System.Diagnostics;
using Halley.Client.Checking;
using Halley.Client.Tests.Repository;
using Halley.Storage.Disk;

namespace Halley.Client.Tests.Prune;

/// <summary>
/// A process that backs up, forgets and prunes is killed at random moments. There is never a snapshot that cannot be restored.
/// </summary>
public sealed class KilledProcessTests
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("HALLEY_SLOW_TESTS") == "1" ? 200 : 3;

    // On a busy machine none of the first may live until its first snapshot; those that follow live longer and longer.
    private const int MoreKills = 8;

    [Fact]
    public async Task Every_snapshot_is_whole_after_each_kill()
    {
        using var directory = new TemporaryDirectory();
        var source = directory.CreateSubdirectory("source");
        var store = new DiskBlobStore(directory["vault"]);
        using var vault = await TestVault.CreateAsync(store, RandomVault.Options);
        var random = new Random(1);
        var snapshots = 0;
        for (var i = 0; i < Kills || (snapshots == 0 && i < Kills + MoreKills); i++)
        {
            using (var process = Start(directory["vault"], source, seed: i))
            {
                Assert.Equal("working", await process.StandardOutput.ReadLineAsync());
                var longer = TimeSpan.FromSeconds(2 * Math.Max(0, i - Kills + 1));
                using var alarm = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(200, 2_500)) + longer);
                try
                {
                    await process.WaitForExitAsync(alarm.Token);
                    Assert.Fail($"The process ended by itself: {await process.StandardError.ReadToEndAsync()}");
                }
                catch (OperationCanceledException)
                {
                    process.Kill();
                }

                await process.WaitForExitAsync();
            }

            var damages = new List<VaultFinding>();
            var options = new CheckOptions
            {
                ReadData = PackSubset.All,
                OnFinding = finding => damages.AddRange(finding.IsDamage ? [finding] : []),
            };
            snapshots += (await VaultCheck.RunAsync(vault, options, CancellationToken.None)).Snapshots;
            Assert.Empty(damages);
            await TestVault.ReadAllAsync(vault);
        }

        Assert.True(snapshots > 0, "It was always killed before its first snapshot.");
        using var restic = new Restic(directory["vault"], TestVault.Password);
        await restic.RunAsync("unlock", "--remove-all");
        await restic.RunAsync("check", "--read-data");
        await RandomVault.PruneAsync(vault);
        await RandomVault.AssertCleanAsync(vault);
    }

    private static Process Start(string vault, string source, int seed) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(Program).Assembly.Location, vault, source, $"{seed}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
