using Halley.Client.Agent.Running;
using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A drill proves that files of recent snapshots can be restored, and finds it when they cannot.</summary>
public sealed class RestoreDrillTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        _agent.AddFile("a.txt", "first");
        _agent.AddFile("sub/b.txt", "second");
        await _agent.BackUpAsync();
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Files_are_read_verified_and_compared_with_those_that_have_not_changed()
    {
        _agent.AddFile("a.txt", "has changed since");

        var job = await DrillAsync();

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal((JobClassification.RestoreDrill, 2L, 11L), (job.Classification, job.TotalFiles, job.TotalSize));
        Assert.Contains("1 of them were compared", _agent.LogOf(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_fails_the_drill_and_so_does_a_source_that_differs_with_the_same_times()
    {
        var path = Path.Combine(_agent.Source, "a.txt");
        using (var vault = await _agent.OpenVaultAsync())
        {
            // A snapshot that says of the file what is true, but has another content.
            var entry = (await vault.Snapshots.ListAsync(CancellationToken.None))[^1];
            await ForgeAsync(vault, entry.Snapshot, path, "other"u8.ToArray());
        }

        var differing = await DrillAsync();
        foreach (var pack in Directory.GetFiles(Path.Combine(_agent.TheVault.LocalcopyPath, "data"), "*", SearchOption.AllDirectories))
        {
            File.Delete(pack);
        }

        var damaged = await DrillAsync();

        Assert.Equal((JobStatus.Error, JobStatus.Error), (differing.Status, damaged.Status));
        Assert.Contains("a.txt: differs from the file", _agent.LogOf(differing), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_is_due_once_a_week_and_remembered_after_a_restart()
    {
        _agent.Profile.BackupRules.Add(
            "rule", new BackupRuleConfig { Source = TestAgent.ItemId, Destination = TestAgent.VaultId });
        var times = new VaultTimes(_agent.State, "drills");
        RestoreDrills Drills() => new(_agent.Runner, _agent.Options, () => _agent.Profile);

        Assert.Null(await Drills().RunDueAsync(CancellationToken.None));
        Assert.InRange(times.Find(TestAgent.VaultId)!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(-1), TimeSpan.FromDays(7));
        times.Save(TestAgent.VaultId, DateTimeOffset.UtcNow.AddMinutes(-1));
        var job = await Drills().RunDueAsync(CancellationToken.None);
        await _agent.EndOfAsync(job!.Value);

        Assert.Null(await Drills().RunDueAsync(CancellationToken.None));
    }

    private async Task<BackupJobDetail> DrillAsync() =>
        await _agent.EndOfAsync(await _agent.Runner.StartDrillAsync(TestAgent.VaultId, CancellationToken.None));

    private static async Task ForgeAsync(Vault vault, Snapshot snapshot, string path, byte[] content)
    {
        var index = await vault.LoadIndexAsync(CancellationToken.None);
        await using var writer = vault.CreatePackWriter(index);
        using var encoder = vault.CreateEncoder();
        await writer.SaveAsync(BlobKind.Data, BlobId.Of(content), content, encoder, CancellationToken.None);
        var root = await ForgeAsync(snapshot.Tree, path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        await writer.FinishAsync(CancellationToken.None);
        await vault.Snapshots.SaveAsync(snapshot with { Tree = root }, CancellationToken.None);

        async Task<BlobId> ForgeAsync(BlobId tree, string[] names)
        {
            var trees = new TreeWriter();
            foreach (var node in (await vault.ReadTreeAsync(index, tree, CancellationToken.None)).Nodes)
            {
                trees.Add(
                    node.DisplayName != names[0] ? node
                    : names.Length == 1 ? node with { Content = [BlobId.Of(content)] }
                    : node with { Subtree = await ForgeAsync(node.Subtree!.Value, names[1..]) });
            }

            var text = trees.Finish().ToArray();
            await writer.SaveAsync(BlobKind.Tree, BlobId.Of(text), text, encoder, CancellationToken.None);
            return BlobId.Of(text);
        }
    }
}
