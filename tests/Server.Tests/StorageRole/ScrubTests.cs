using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.Tasks;
using Halley.Storage;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Scrubs as an administrator starts them and as the schedule does, with files damaged by hand.</summary>
public sealed class ScrubTests
{
    // Damage by a disk does not change a file's time, and what changed a moment ago is given time to settle.
    private static readonly DateTime LongAgo = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Theory]
    [DatabaseData]
    public async Task Corrupt_file_is_absent_after_a_scrub_and_healed_by_the_next_backup(TestDatabase database)
    {
        var options = new ServerHostOptions { Database = database, Kestrel = true, Settings = { ["Halley:Storage:ScrubDays"] = "0" } };
        await using var host = await BucketHost.StartAsync(options); // a scheduled scrub must not find the damage first
        var (bad, good) = (await PostAsync(host, seed: 1), await PostAsync(host, seed: 2));
        var gauge = host.Server.Service<CorruptFilesGauge>();
        Corrupt(host, bad.Name);
        Assert.Null((await VolumeAsync(host)).VerifiedAt);

        var task = await ScrubAsync(host);

        Assert.Equal((TaskState.Done, 2, 2000), (task.State, task.FilesDone, task.BytesDone));
        Assert.Equal((404, 200), (await HeadAsync(host, bad.Name), await HeadAsync(host, good.Name)));
        var finding = Assert.Single(await FindingsAsync(host, "state=open"));
        Assert.Equal(
            (ScrubFindingKind.Corrupt, host.Id, bad.Name.ToString(), 1000), (finding.Kind, finding.BucketId, finding.Path, finding.Bytes));
        Assert.True(File.Exists(Path.Combine(host.FirstVolume, ".quarantine", finding.KeptAs!)));
        Assert.Equal(1, gauge.Count);
        var bucket = (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!;
        Assert.Equal((1000, 1), (bucket.Bytes, bucket.Files));
        Assert.NotNull(bucket.VerifiedAt);
        Assert.NotNull((await VolumeAsync(host)).VerifiedAt);

        await PostAsync(host, seed: 1);

        Assert.Empty(await FindingsAsync(host, "state=open"));
        var healed = Assert.Single(await FindingsAsync(host, $"state=healed&bucketId={host.Id}&volumeId={finding.VolumeId}"));
        Assert.Equal((finding.Id, ScrubFindingState.Healed), (healed.Id, healed.State));
        Assert.NotNull(healed.ClosedAt);
        Assert.Equal((200, 0L), (await HeadAsync(host, bad.Name), gauge.Count));
    }

    [Theory]
    [DatabaseData]
    public async Task Stray_file_is_listed_until_it_is_gone_and_a_finding_can_be_dismissed(TestDatabase database)
    {
        await using var host = await BucketHost.StartAsync(database);
        await PostAsync(host, seed: 1);
        var (stray, other) = (Path.Combine(host.BucketFolder, "notes.txt"), Path.Combine(host.FirstVolume, "buckets", "readme"));
        await File.WriteAllTextAsync(stray, "x");
        await File.WriteAllTextAsync(other, "x");

        await ScrubAsync(host);
        await ScrubAsync(host);
        var found = await FindingsAsync(host, "state=open");
        Assert.Equal(["notes.txt", "readme"], found.Select(finding => finding.Path).Order(StringComparer.Ordinal));
        File.Delete(stray);
        await ScrubAsync(host);
        using var dismissed =
            await host.Admin.PostAsync(Url($"/api/v2/scrub-findings/{found.Single(finding => finding.Path == "readme").Id}/dismiss"), null);

        Assert.Equal(HttpStatusCode.OK, dismissed.StatusCode);
        Assert.Empty(await FindingsAsync(host, "state=open"));
        Assert.Equal("notes.txt", Assert.Single(await FindingsAsync(host, "state=healed")).Path);
        var first = (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?limit=1"))!;
        var second = (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?limit=1&after={first.Next}"))!;
        Assert.Equal(2, first.Items.Concat(second.Items).Select(finding => finding.Id).Distinct().Count());
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Copy_on_a_second_volume_is_deleted()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync(
            new ServerHostOptions { Kestrel = true, Settings = new() { ["Halley:Storage:ScrubDuplicateHours"] = "0" } });
        var blob = await PostAsync(host, seed: 1);
        await host.AddVolumeAsync(disk.Path);
        var copy = FileOf(Path.Combine(disk.Path, "buckets", host.Id), blob.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(FileOf(host.BucketFolder, blob.Name), copy);

        await ScrubAsync(host);

        Assert.True(File.Exists(copy) ^ File.Exists(FileOf(host.BucketFolder, blob.Name)));
        Assert.Equal(200, await HeadAsync(host, blob.Name));
        var bucket = (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!;
        Assert.Equal((1000, 1), (bucket.Bytes, bucket.Files));
    }

    [Fact]
    public async Task Scrub_goes_on_after_a_restart_where_it_was()
    {
        using var data = new TemporaryDirectory();
        var options = new ServerHostOptions { Kestrel = true, DataDirectory = data.Path };
        var first = await BucketHost.StartAsync(options);
        var blobs = new List<TestBlob>();
        for (var seed = 0; seed < 10; seed++)
        {
            blobs.Add(await PostAsync(first, seed));
        }

        foreach (var blob in blobs)
        {
            Corrupt(first, blob.Name);
        }

        var started = await BucketHost.PostAsync<TaskInfo>(
            first.Admin, $"/api/v2/volumes/{(await VolumeAsync(first)).Id}/scrub", new StartScrub(3000));
        await Eventually.HoldsAsync(
            "files are read", TimeSpan.FromSeconds(30), async () => (await TaskAsync(first.Admin, started.Id)).FilesDone >= 2);
        var before = await TaskAsync(first.Admin, started.Id);
        await first.DisposeAsync();

        await using var server = await ServerHost.StartAsync(options);
        using var admin = await server.SignInAsync();
        await admin.PatchAsJsonAsync($"/api/v2/tasks/{started.Id}", new UpdateTask(0));
        await Eventually.HoldsAsync(
            "the scrub is done", TimeSpan.FromSeconds(60), async () => (await TaskAsync(admin, started.Id)).State == TaskState.Done);

        Assert.InRange(before.FilesDone, 2, 9);
        var findings = (await admin.GetFromJsonAsync<Page<ScrubFindingInfo>>(Routes.ScrubFindings))!.Items;
        Assert.Equal(blobs.Select(blob => blob.Name.ToString()).Order(), findings.Select(finding => finding.Path).Order());
    }

    [Theory]
    [DatabaseData]
    public async Task Schedule_starts_a_scrub_when_half_of_the_time_has_passed_with_a_rate_that_makes_it_in_time(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Database = database, Time = time });
        await PostAsync(host, seed: 1);
        var (schedule, tasks) = (host.Server.Service<ScrubScheduleWork>(), host.Server.Service<TaskActions>());

        await schedule.RunOnceAsync(CancellationToken.None);
        var first = await DoneAsync(tasks, count: 1);
        await schedule.RunOnceAsync(CancellationToken.None);
        Assert.Single(await ListAsync(tasks));
        time.Advance(TimeSpan.FromDays(16));
        await schedule.RunOnceAsync(CancellationToken.None);
        var second = await DoneAsync(tasks, count: 2);

        Assert.Equal(("", 1), (first.CreatedBy, first.FilesDone));
        Assert.Equal(("", 1), (second.CreatedBy, second.FilesDone));
        var (pace, now) = (new Pace(time, () => false), time.GetUtcNow().UtcDateTime);
        new ScrubRate(pace, now.AddDays(1), time).Adjust(8_640_000_000_000);
        Assert.Equal(110_000_000, pace.BytesPerSecond);
    }

    [Fact]
    public async Task Scrub_that_was_asked_for_takes_the_place_of_the_scheduled_one_but_not_of_another()
    {
        await using var host = await BucketHost.StartAsync();
        await PostAsync(host, seed: 1);
        await PostAsync(host, seed: 2);
        var volume = await VolumeAsync(host);
        var scheduled = await host.Server.Service<TaskRunner>().StartAsync(
            ScrubKind.Word, volume.Id.ToString(), new ScrubParameters(DateTime.MaxValue, null), "", 100, CancellationToken.None);

        var mine = await BucketHost.PostAsync<TaskInfo>(host.Admin, $"/api/v2/volumes/{volume.Id}/scrub", new StartScrub(100));
        using var again = await host.Admin.PostAsJsonAsync($"/api/v2/volumes/{volume.Id}/scrub", new StartScrub());
        using var unknown = await host.Admin.PostAsJsonAsync($"/api/v2/volumes/{Guid.NewGuid()}/scrub", new StartScrub());
        using var wrong = await host.Admin.PostAsJsonAsync($"/api/v2/volumes/{volume.Id}/scrub", new StartScrub(-1));

        Assert.Equal(TaskState.Cancelled, (await TaskAsync(host.Admin, TaskOf(scheduled).Id)).State);
        Assert.Equal(TaskState.Running, (await TaskAsync(host.Admin, mine.Id)).State);
        Assert.Equal((409, 404, 400), ((int)again.StatusCode, (int)unknown.StatusCode, (int)wrong.StatusCode));
        Assert.Equal(400, (int)(await host.Admin.GetAsync(Url($"{Routes.ScrubFindings}?limit=0"))).StatusCode);
        Assert.Equal(400, (int)(await host.Admin.GetAsync(Url($"{Routes.ScrubFindings}?state=nonsense"))).StatusCode);
        Assert.Equal(404, (int)(await host.Admin.PostAsync(Url($"/api/v2/scrub-findings/{Guid.NewGuid()}/dismiss"), null)).StatusCode);
    }

    private static async Task<TaskInfo> ScrubAsync(BucketHost host)
    {
        var task = await BucketHost.PostAsync<TaskInfo>(
            host.Admin, $"/api/v2/volumes/{(await VolumeAsync(host)).Id}/scrub", new StartScrub());
        await Eventually.HoldsAsync("the scrub ends", TimeSpan.FromSeconds(30),
            async () => (task = await TaskAsync(host.Admin, task.Id)).State != TaskState.Running);
        Assert.True(task.State == TaskState.Done, task.Problem);
        return task;
    }

    private static async Task<TaskInfo> DoneAsync(TaskActions tasks, int count)
    {
        IReadOnlyList<TaskInfo> found = [];
        await Eventually.HoldsAsync("the scrub is done", TimeSpan.FromSeconds(30), async () =>
        {
            found = await ListAsync(tasks);
            return found.Count == count && found[0].State == TaskState.Done;
        });
        return found[0];
    }

    private static async Task<IReadOnlyList<TaskInfo>> ListAsync(TaskActions tasks)
    {
        var outcome = await tasks.ListAsync(Caller.Server, ScrubKind.Word, false, null, 10, CancellationToken.None);
        Assert.True(outcome.TryGet(out var page, out var refusal), refusal?.Reason);
        return page.Items;
    }

    private static TaskInfo TaskOf(Outcome<TaskInfo> start)
    {
        Assert.True(start.TryGet(out var task, out var refusal), refusal?.Reason);
        return task;
    }

    private static async Task<TaskInfo> TaskAsync(HttpClient admin, Guid id) =>
        (await admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{id}"))!;

    private static async Task<IReadOnlyList<ScrubFindingInfo>> FindingsAsync(BucketHost host, string query) =>
        (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?{query}"))!.Items;

    private static async Task<VolumeInfo> VolumeAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0];

    private static async Task<int> HeadAsync(BucketHost host, BlobName name)
    {
        using var answer = await host.Vault.SendAsync(new HttpRequestMessage(HttpMethod.Head, host.Url(name.ToString())));
        return (int)answer.StatusCode;
    }

    private static async Task<TestBlob> PostAsync(BucketHost host, int seed)
    {
        var blob = TestBlob.Of(BlobType.Data, 1000, seed);
        using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return blob;
    }

    private static void Corrupt(BucketHost host, BlobName name)
    {
        var path = FileOf(host.BucketFolder, name);
        var content = File.ReadAllBytes(path);
        content[500] ^= 1;
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, LongAgo);
    }

    private static string FileOf(string bucket, BlobName name) => Path.Combine(bucket, "data", name.Id[..2], name.Id);

    private static Uri Url(string path) => new(path, UriKind.Relative);
}
