using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A device stores again what its vault has lost, as a job of its own that names what it could not heal.</summary>
public sealed class HealingJobTests : IAsyncLifetime
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
    public async Task Command_heals_all_that_is_still_on_the_device()
    {
        LoseAllPacks();

        var job = await HealAsync();

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal((JobClassification.Healing, TestAgent.VaultId), (job.Classification, job.DestinationGUID));
        Assert.Contains("Nothing is lost.", _agent.LogOf(job), StringComparison.Ordinal);
        var check = await _agent.EndOfAsync(await _agent.Runner.StartVerifyAsync(TestAgent.VaultId, CancellationToken.None));
        Assert.True(check.Status == JobStatus.Success, _agent.LogOf(check));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Log_names_each_file_that_cannot_be_healed_if_the_user_shows_names(bool showsFileNames)
    {
        _agent.ShowsFileNames = showsFileNames;
        _agent.AddFile("a.txt", "other");
        LoseAllPacks();

        var job = await HealAsync();

        var log = _agent.LogOf(job);
        Assert.Equal(JobStatus.Error, job.Status);
        Assert.Contains("has changed since", log, StringComparison.Ordinal);
        Assert.Equal(showsFileNames, log.Contains($"{_agent.Source}/a.txt", StringComparison.Ordinal));
        Assert.DoesNotContain("b.txt", log, StringComparison.Ordinal);
    }

    // The directories come back from the copies of the device.
    private void LoseAllPacks()
    {
        foreach (var pack in Directory.GetFiles(Path.Combine(_agent.TheVault.LocalcopyPath, "data"), "*", SearchOption.AllDirectories))
        {
            File.Delete(pack);
        }
    }

    private async Task<BackupJobDetail> HealAsync()
    {
        var report = await _agent.CommandAsync(CommandCatalog.HealVault, new VaultArguments(TestAgent.VaultId));
        Assert.Equal(CommandStates.Done, report.State);
        var job = _agent.History.Archive.Read().First(job => job.Classification == JobClassification.Healing);
        return await _agent.EndOfAsync(Guid.Parse(job.GUID));
    }
}
