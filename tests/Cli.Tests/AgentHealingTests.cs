using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Tests;

/// <summary>
/// A scrub of the server finds a damaged pack; the server tells the agent, which stores the lost data again, and the server lists the job.
/// </summary>
public sealed class AgentHealingTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private const string Item = "item-files";
    private const string Vault = "vault-1";

    // What changed a moment ago is given time to settle.
    private static readonly DateTime LongAgo = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly AgentMachine _machine = new(server);
    private string _bucket = "";

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Pack_that_a_scrub_has_put_into_quarantine_is_healed_by_the_agent_and_the_file_is_whole_again()
    {
        await SetUpAsync();
        await using var agent = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(agent);
        await _machine.RunAsync(agent, CommandCatalog.RunBackup, new RunBackupArguments(Item, Vault));
        DamagePacks();

        await ScrubAsync();
        Assert.Single(await FindingsAsync());
        await server.Host.TellOfLossesAsync();

        var healing = await HealedAsync(agent);
        Assert.Equal((Vault, _machine.DeviceId), (healing.DestinationGUID, healing.DeviceID));
        var log = await _machine.LogAsync(Guid.Parse(healing.GUID));
        Assert.Contains("1 of 1 lost blobs are stored again.", log, StringComparison.Ordinal);
        Assert.Contains("Nothing is lost.", log, StringComparison.Ordinal);
        Assert.Empty(await FindingsAsync());
        var target = _machine.Directory["target"];
        await _machine.RunAsync(
            agent, CommandCatalog.RunRestore, new RunRestoreArguments(Item, Vault, new() { DestPath = target }));
        Assert.Equal("text", await File.ReadAllTextAsync(target + _machine.Directory["source", "a.txt"]));
    }

    private async Task SetUpAsync()
    {
        await _machine.SignInAsync();
        File.WriteAllText(Path.Combine(_machine.Directory.CreateSubdirectory("source"), "a.txt"), "text");
        using var answer = await server.Admin.PostAsJsonAsync(Routes.Buckets, new CreateBucket());
        var made = (await answer.Content.ReadFromJsonAsync<BucketCreated>())!;
        _bucket = made.Bucket.Id;
        await _machine.ChangeProfileAsync(profile =>
        {
            profile.Destinations[Vault] = new DestinationConfig
            {
                Description = "offsite",
                DestinationType = DestinationTypes.Server,
                CometServer = server.Address,
                CometBucket = _bucket,
                CometBucketKey = made.Secret!,
                DefaultRetention = new RetentionPolicy { Mode = RetentionPolicy.KeepAll },
            };
            profile.Sources[Item] = new SourceConfig
            {
                Engine = "engine1/file",
                OwnerDevice = _machine.DeviceId,
                EngineProps = new Dictionary<string, string> { ["INCLUDE-1"] = _machine.Directory["source"] },
            };
        });
    }

    // Only the pack of the file: the directories are in another.
    private void DamagePacks()
    {
        var data = Path.Combine(server.Host.DataDirectory, "volume-1", "buckets", _bucket, "data");
        var pack = new DirectoryInfo(data).GetFiles("*", SearchOption.AllDirectories).MinBy(file => file.Length)!;
        var content = File.ReadAllBytes(pack.FullName);
        content[0] ^= 1;
        File.WriteAllBytes(pack.FullName, content);
        pack.LastWriteTimeUtc = LongAgo;
    }

    private async Task ScrubAsync()
    {
        var volume = Assert.Single((await server.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items);
        using var started = await server.Admin.PostAsJsonAsync(Routes.ToVolumeScrub(volume.Id), new StartScrub());
        var task = (await started.Content.ReadFromJsonAsync<TaskInfo>())!;
        await Eventually.HoldsAsync(
            "the scrub ends", AgentMachine.Soon,
            async () => (await server.Admin.GetFromJsonAsync<TaskInfo>(Routes.ToTask(task.Id)))!.State == TaskState.Done);
    }

    private async Task<IReadOnlyList<ScrubFindingInfo>> FindingsAsync() => (await server.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>(
        $"{Routes.ScrubFindings}?state=open&bucketId={_bucket}"))!.Items;

    private async Task<BackupJobDetail> HealedAsync(OwnedProcess agent)
    {
        BackupJobDetail? job = null;
        await agent.WaitUntilAsync("the agent has healed the vault", AgentMachine.Soon, async () =>
        {
            job = (await _machine.JobsAsync())
                .Where(one => one.Classification == JobClassification.Healing).MinBy(one => one.StartTime);
            return job?.Status.IsRunning() == false;
        });
        Assert.True(job!.Status == JobStatus.Success, await _machine.LogAsync(Guid.Parse(job.GUID)));
        return job;
    }
}
