using Halley.Client.Agent.Running;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>The rules of vault and item decide which snapshots stay, after backups and when an administrator asks for it.</summary>
public sealed class RetentionJobTests : IAsyncLifetime
{
    private const long EachTime = 1;
    private const string Other = "item-2";

    private TestAgent _agent = null!;
    private int _edits;

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        _agent.AddItem(Other, FileItem.Engine, ("INCLUDE-1", _agent.Source));
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Rules_of_an_item_come_before_those_of_the_vault_and_count_for_it_alone()
    {
        _agent.TheVault.DefaultRetention = LastJobs(2);
        _agent.Profile.Sources[Other].OverrideDestinationRetention[TestAgent.VaultId] = LastJobs(1);
        for (var i = 0; i < 3; i++)
        {
            await BackUpAsync(TestAgent.ItemId, EachTime);
            await BackUpAsync(Other, EachTime);
        }

        Assert.Equal((2, 1), await CountAsync());
        _agent.Profile.Policy.PreventProtectedItemRetention = true;
        await BackUpAsync(Other, EachTime);
        await BackUpAsync(Other, EachTime);
        Assert.Equal((2, 2), await CountAsync());
    }

    [Fact]
    public async Task Automatic_retention_runs_once_a_day_and_on_request_at_once()
    {
        _agent.TheVault.DefaultRetention = LastJobs(1);
        var first = await BackUpAsync(TestAgent.ItemId, level: 0);
        await BackUpAsync(TestAgent.ItemId, level: 0);
        await BackUpAsync(TestAgent.ItemId, level: 0);
        Assert.Contains("Retention removed 0 of 1", _agent.LogOf(first), StringComparison.Ordinal);
        Assert.Equal((3, 0), await CountAsync());
        var size = SizeOfData();

        Assert.Equal(CommandStates.Done, (await _agent.CommandAsync(CommandCatalog.ApplyRetention, new(TestAgent.VaultId))).State);
        var job = await EndOfLatestAsync();

        Assert.Equal((JobClassification.Retention, JobStatus.Success), (job.Classification, job.Status));
        Assert.Equal((1, 0), await CountAsync());
        Assert.True(SizeOfData() < size);
    }

    [Fact]
    public async Task Newest_snapshot_stays_unless_the_rule_is_no_jobs()
    {
        await BackUpAsync(TestAgent.ItemId, level: 3);
        await BackUpAsync(Other, level: 3);
        var future = new RetentionRange { Type = 901, Timestamp = 1L << 40 };
        _agent.TheVault.DefaultRetention = new() { Mode = RetentionPolicy.KeepRanges, Ranges = [future] };
        _agent.Profile.Sources[Other].OverrideDestinationRetention[TestAgent.VaultId] = LastJobs(0);

        await _agent.EndOfAsync(await _agent.Runner.StartRetentionAsync(TestAgent.VaultId, CancellationToken.None));

        Assert.Equal((1, 0), await CountAsync());
    }

    [Fact]
    public async Task Rule_of_an_unknown_kind_removes_nothing_and_is_a_warning()
    {
        _agent.TheVault.DefaultRetention = new() { Mode = RetentionPolicy.KeepRanges, Ranges = [new() { Type = 999 }] };
        await BackUpAsync(TestAgent.ItemId, EachTime, JobStatus.Warning);
        await BackUpAsync(TestAgent.ItemId, EachTime, JobStatus.Warning);

        Assert.Equal((2, 0), await CountAsync());
    }

    private static RetentionPolicy LastJobs(long jobs) =>
        new() { Mode = RetentionPolicy.KeepRanges, Ranges = [new() { Type = 900, Jobs = jobs }] };

    private async Task<BackupJobDetail> BackUpAsync(string item, long level, JobStatus status = JobStatus.Success)
    {
        await File.WriteAllBytesAsync(Path.Combine(_agent.Source, "file"), TestVault.Bytes(20_000, ++_edits));
        var job = await _agent.BackUpAsync(new() { AutoRetentionLevel = level }, item);
        Assert.True(job.Status == status, _agent.LogOf(job));
        return job;
    }

    private async Task<(int Item, int Other)> CountAsync()
    {
        var snapshots = await _agent.AnswerAsync(CommandCatalog.ListSnapshots, new(TestAgent.VaultId));
        return (snapshots.Count(snapshot => snapshot.Source == TestAgent.ItemId), snapshots.Count(snapshot => snapshot.Source == Other));
    }

    private Task<BackupJobDetail> EndOfLatestAsync() => _agent.EndOfAsync(Guid.Parse(_agent.History.Archive.Read().First().GUID));

    private long SizeOfData() => new DirectoryInfo(Path.Combine(_agent.TheVault.LocalcopyPath, "data"))
        .EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
