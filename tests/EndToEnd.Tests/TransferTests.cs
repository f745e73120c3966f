using Halley.Protocol;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests;

/// <summary>A repository moves to another server while restic is at work and the first server is killed.</summary>
public sealed class TransferTests(SharedInstallation shared, ITestOutputHelper output) : IClassFixture<SharedInstallation>
{
    private static readonly int Turns = TestRun.IsSlow ? 4 : 2;

    [Fact]
    public async Task Repository_in_use_is_whole_on_the_other_server_and_opens_with_the_same_key()
    {
        var randomness = TestRun.Randomness(output);
        await using var from = await Installation.StartAsync();
        var to = shared.Installation;
        var vault = await Vault.AddToAsync(from);
        using var restic = vault.OpenWithRestic(smallPacks: !TestRun.IsSlow);
        using var tree = SourceTree.OfRealFiles(TestRun.IsSlow ? 120 : 40);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", tree.Path);

        // So slow that it gets on by a few files after each start only: backups and prunes happen in the middle of it.
        var request = new StartTransfer(to.Server.Address.ToString(), AdminClient.Username, AdminClient.Password, MaxBytesPerSecond: 1);
        var task = await from.Admin.TransferAsync(vault.BucketId, request);
        for (var turn = 0; turn < Turns; turn++)
        {
            tree.Change(randomness, TestRun.IsSlow ? 24 : 8);
            await restic.RunAsync("backup", tree.Path);
            await restic.RunAsync("forget", "--keep-last", "1", "--prune");
            await from.Server.KillAsync();
            await from.Server.StartAgainAsync();
        }

        await from.Admin.LimitTaskAsync(task.Id, bytesPerSecond: 0);
        await Eventually.HoldsAsync("the transfer ends", TimeSpan.FromMinutes(2), async () =>
        {
            var now = await from.Admin.FindTaskAsync(task.Id);
            Assert.True(now.State is TaskState.Running or TaskState.Done, $"The transfer ended as {now.State}: {now.Problem}");
            return now.State == TaskState.Done;
        });

        using var there = vault.On(to).OpenWithRestic();
        await there.RunAsync("check", "--read-data");
        Assert.Equal((await restic.RunAsync("snapshots", "--json", "--no-lock")).Output,
            (await there.RunAsync("snapshots", "--json", "--no-lock")).Output);
        await RestoreAsync(there, tree);
        await RestoreAsync(restic, tree); // where it was it can still be read
        await there.RunAsync("backup", tree.Path);
        Assert.Equal(
            [.. Files(from, vault).Select(Path.GetFileName).Order(StringComparer.Ordinal)],
            Files(from, vault).Select(Path.GetFileName).Intersect(Files(to, vault).Select(Path.GetFileName)).Order(StringComparer.Ordinal));
    }

    private static async Task RestoreAsync(Restic restic, SourceTree tree)
    {
        using var restored = new TemporaryDirectory();
        await restic.RunAsync("restore", "latest", "--target", restored.Path);
        TreeComparison.AssertEqual(tree.Path, restored.Path + tree.Path);
    }

    private static IEnumerable<string> Files(Installation installation, Vault vault) =>
        installation.Volumes.Select(vault.DirectoryOn).Where(Directory.Exists)
            .SelectMany(path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories));
}
