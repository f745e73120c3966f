using System.Net.Http.Json;
using Halley.Client.Agent.Running;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A scrub of the server quarantines damaged packs; the device asks, heals its vault, and says what it could not heal.</summary>
public sealed class LostFilesTests : IDisposable
{
    // What changed a moment ago is given time to settle.
    private static readonly DateTime LongAgo = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Device_heals_what_a_scrub_has_put_into_quarantine_and_names_what_it_no_longer_has()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Storage:ScrubDays"] = "0" } });
        using var admin = await host.SignInAsync();
        using var http = host.CreateClient();
        _directory.CreateSubdirectory("source");
        var (a, b) = (_directory["source", "a.txt"], _directory["source", "b.txt"]);
        await File.WriteAllTextAsync(a, "text");
        await File.WriteAllTextAsync(b, "more text");
        var (runner, options) = await ServerMachine.StartAsync(_directory, admin, http);
        var profile = (await options.ReadProfile(CancellationToken.None)).Profile;
        var watch = new LossWatch(runner, options, () => profile);
        await EndOfAsync(await runner.StartBackupAsync("item", "vault", null, "", CancellationToken.None), JobStatus.Success);
        profile = (await options.ReadProfile(CancellationToken.None)).Profile; // its vault has a key now
        Assert.Empty(await watch.LookAsync(CancellationToken.None));

        DamagePacks(host);
        await ScrubAsync(admin);
        Assert.NotEmpty(await LostAsync(admin));
        var healing = await EndOfAsync(Assert.Single(await watch.LookAsync(CancellationToken.None)), JobStatus.Success);
        Assert.Equal(JobClassification.Healing, healing.Classification);
        Assert.Empty(await LostAsync(admin));
        Assert.Empty(await watch.LookAsync(CancellationToken.None));
        await EndOfAsync(await runner.StartVerifyAsync("vault", CancellationToken.None), JobStatus.Success);
        await EndOfAsync(
            await runner.StartRestoreAsync(
                new RunRestoreArguments("item", "vault", new() { DestPath = _directory["target"] }), CancellationToken.None),
            JobStatus.Success);
        Assert.Equal("more text", await File.ReadAllTextAsync(_directory["target", b.TrimStart('/')]));

        DamagePacks(host);
        await File.WriteAllTextAsync(b, "other text");
        await ScrubAsync(admin);
        var job = Assert.Single(await watch.LookAsync(CancellationToken.None));
        await EndOfAsync(job, JobStatus.Error);
        var log = LogOf(job);
        Assert.Contains($"{b}: its data ", log, StringComparison.Ordinal);
        Assert.DoesNotContain(a, log, StringComparison.Ordinal);
        Assert.NotEmpty(await LostAsync(admin));
        Assert.Empty(await watch.LookAsync(CancellationToken.None)); // not before a week has passed, or more is lost

        async Task<BackupJobDetail> EndOfAsync(Guid id, JobStatus status)
        {
            var ended = await ServerMachine.EndOfAsync(runner, options, id);
            Assert.True(ended.Status == status, LogOf(id));
            return ended;
        }

        string LogOf(Guid id) =>
            string.Join('\n', options.History.Archive.ReadLog(id).Select(entry => $"{entry.Severity} {entry.Message}"));
    }

    private static void DamagePacks(ServerHost host)
    {
        var buckets = Path.Combine(host.DataDirectory, "volume-1", "buckets");
        foreach (var pack in Directory.GetFiles(buckets, "*", SearchOption.AllDirectories)
            .Where(file => file.Contains("/data/", StringComparison.Ordinal)))
        {
            var content = File.ReadAllBytes(pack);
            content[content.Length / 2] ^= 1;
            File.WriteAllBytes(pack, content);
            File.SetLastWriteTimeUtc(pack, LongAgo);
        }
    }

    private static async Task ScrubAsync(HttpClient admin)
    {
        var volume = Assert.Single((await admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items);
        using var started = await admin.PostAsJsonAsync($"/api/v2/volumes/{volume.Id}/scrub", new StartScrub());
        var task = (await started.Content.ReadFromJsonAsync<TaskInfo>())!;
        await Eventually.HoldsAsync(
            "the scrub ends", TimeSpan.FromSeconds(30),
            async () => (await admin.GetFromJsonAsync<TaskInfo>(Routes.ToTask(task.Id)))!.State == TaskState.Done);
    }

    private static async Task<IReadOnlyList<ScrubFindingInfo>> LostAsync(HttpClient admin) =>
        (await admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?state=open"))!.Items;
}
