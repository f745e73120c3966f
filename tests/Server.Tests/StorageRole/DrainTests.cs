using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Volumes that are emptied, put elsewhere and brought along, over <c>/api/v2</c>.</summary>
public sealed class DrainTests
{
    [Theory]
    [DatabaseData]
    public async Task Volume_is_planned_then_emptied_and_can_be_removed(TestDatabase database)
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync(database);
        var blobs = await FillAsync(host, 12);
        var first = await FirstAsync(host);
        var second = await host.AddVolumeAsync(disk.Path);

        var plan = await BucketHost.PostAsync<MovePlan>(host.Admin, Drain(first), new MoveRequest());
        Assert.Equal((12, blobs.Sum(blob => blob.Content.Length), true, null), (plan.Files, plan.Bytes, plan.Fits, plan.Task));
        Assert.Equal(plan.Bytes, plan.Volumes.Single(volume => volume.Id == second.Id).Bytes);
        Assert.Empty(FilesIn(disk.Path));

        var task = (await BucketHost.PostAsync<MovePlan>(host.Admin, Drain(first), new MoveRequest(Apply: true))).Task!;
        var done = await EndAsync(host, task);

        Assert.Equal((TaskState.Done, 12, plan.Bytes, null), (done.State, done.FilesDone, done.BytesDone, done.Problem));
        Assert.Equal(("drain", first.Id.ToString(), ServerHost.Username), (done.Kind, done.Subject, done.CreatedBy));
        Assert.Empty(FilesIn(host.FirstVolume));
        Assert.Equal(VolumeMode.ReadOnly, (await FirstAsync(host)).Mode);
        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await host.Vault.GetByteArrayAsync(host.Url(blob.Name.ToString())));
        }

        var log = await host.Admin.GetFromJsonAsync<Page<TaskLogEntry>>($"/api/v2/tasks/{task.Id}/log");
        Assert.Contains(log!.Items, line => line.Text.Contains("empty", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync($"/api/v2/volumes/{first.Id}")).StatusCode);
    }

    [Fact]
    public async Task Folder_that_cannot_be_read_is_a_finding_and_all_other_files_are_moved()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        await FillAsync(host, 6);
        var first = await FirstAsync(host);
        await host.AddVolumeAsync(disk.Path);
        var data = Path.Combine(host.BucketFolder, "data");
        var unused = Enumerable.Range(0, 256).Select(number => number.ToString("x2", CultureInfo.InvariantCulture))
            .First(digits => !Path.Exists(Path.Combine(data, digits)));
        var folder = Path.Combine(data, unused);
        File.CreateSymbolicLink(folder, folder); // leads to itself, which not even root can read

        var task = (await BucketHost.PostAsync<MovePlan>(host.Admin, Drain(first), new MoveRequest(Apply: true))).Task!;
        var failed = await EndAsync(host, task);

        Assert.Equal((TaskState.Failed, 6), (failed.State, failed.FilesDone));
        Assert.Contains("1 folders cannot be read", failed.Problem, StringComparison.Ordinal);
        var found = (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>(Routes.ScrubFindings))!.Items;
        Assert.Equal((ScrubFindingKind.Unreadable, $"data/{unused}/"), (Assert.Single(found).Kind, found[0].Path));
        File.Delete(folder);
        await ActAsync(host, task.Id, "resume");
        Assert.Equal(TaskState.Done, (await EndAsync(host, task)).State);
    }

    [Fact]
    public async Task Trash_that_cannot_be_read_is_a_finding_and_all_other_deleted_files_are_moved()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        using var held = await host.Admin.PatchAsJsonAsync($"{Routes.Buckets}/{host.Id}", new UpdateBucket(HoldDays: 10));
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        var blobs = await FillAsync(host, 3);
        foreach (var blob in blobs)
        {
            using var deleted = await host.Vault.DeleteAsync(host.Url(blob.Name.ToString()));
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        }

        var first = await FirstAsync(host);
        await host.AddVolumeAsync(disk.Path);
        var folder = Path.Combine(host.FirstVolume, ".trash", "files", host.Id, "packindex");
        File.CreateSymbolicLink(folder, folder); // leads to itself, which not even root can read

        var plan = await BucketHost.PostAsync<MovePlan>(host.Admin, Drain(first), new MoveRequest(Apply: true));
        Assert.Equal(3, plan.Files);
        var failed = await EndAsync(host, plan.Task!);

        Assert.Equal((TaskState.Failed, 3), (failed.State, failed.FilesDone));
        Assert.Contains("1 folders of deleted files cannot be read", failed.Problem, StringComparison.Ordinal);
        var found = Assert.Single(
            (await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?state=open"))!.Items);
        Assert.Equal((ScrubFindingKind.Unreadable, $".trash/files/{host.Id}/packindex"), (found.Kind, found.Path));
        using var removed = await host.Admin.DeleteAsync($"/api/v2/volumes/{first.Id}");
        Assert.Equal(HttpStatusCode.Conflict, removed.StatusCode);
        Assert.Contains("disk_error", await removed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        File.Delete(folder);
        await ActAsync(host, failed.Id, "resume");
        Assert.Equal(TaskState.Done, (await EndAsync(host, failed)).State);
        var scrub = await BucketHost.PostAsync<TaskInfo>(host.Admin, $"/api/v2/volumes/{first.Id}/scrub", new StartScrub());
        Assert.Equal(TaskState.Done, (await EndAsync(host, scrub)).State);
        Assert.Empty((await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>($"{Routes.ScrubFindings}?state=open"))!.Items);
    }

    [Theory]
    [DatabaseData]
    public async Task Drain_is_paused_resumed_after_a_restart_and_cancelled(TestDatabase database)
    {
        using var data = new TemporaryDirectory();
        using var disk = new TemporaryDirectory();
        var options = new ServerHostOptions { Kestrel = true, Database = database, DataDirectory = data.Path };
        Guid taskId, volumeId;
        string? connection;
        List<TestBlob> blobs;
        await using (var host = await BucketHost.StartAsync(options))
        {
            connection = host.Server.ConnectionString;
            blobs = await FillAsync(host, 8);
            volumeId = (await FirstAsync(host)).Id;
            await host.AddVolumeAsync(disk.Path);
            // So slow that it never ends by itself.
            var task = (await BucketHost.PostAsync<MovePlan>(
                host.Admin, $"/api/v2/volumes/{volumeId}/drain", new MoveRequest(Apply: true, MaxBytesPerSecond: 1))).Task!;
            taskId = task.Id;
            Assert.Equal("task_unfinished", await RefusalAsync(host, $"/api/v2/volumes/{volumeId}/drain", new MoveRequest(Apply: true)));

            Assert.Equal(TaskState.Paused, (await ActAsync(host, taskId, "pause")).State);
            Assert.Equal("task_not_running", await RefusalAsync(host, $"/api/v2/tasks/{taskId}/pause", new { }));
            Assert.Equal(TaskState.Running, (await ActAsync(host, taskId, "resume")).State);
            Assert.Equal(TaskState.Cancelled, (await ActAsync(host, taskId, "cancel")).State);
            Assert.Equal("task_ended", await RefusalAsync(host, $"/api/v2/tasks/{taskId}/cancel", new { }));
            Assert.Equal(VolumeMode.Writable, (await FirstAsync(host)).Mode);

            taskId = (await BucketHost.PostAsync<MovePlan>(
                host.Admin, $"/api/v2/volumes/{volumeId}/drain", new MoveRequest(Apply: true, MaxBytesPerSecond: 1))).Task!.Id;
            Assert.All(blobs,
                blob => Assert.Single(FilesIn(data.Path).Concat(FilesIn(disk.Path)), path => Path.GetFileName(path) == blob.Name.Id));
            if (database == TestDatabase.PostgreSql)
            {
                return; // its database goes with the host
            }
        }

        await using var again =
            await ServerHost.StartAsync(new ServerHostOptions { Kestrel = true, DataDirectory = data.Path, ConnectionString = connection });
        using var admin = await again.SignInAsync();
        Assert.Equal(TaskState.Running, (await admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{taskId}"))!.State);
        using var faster = await admin.PatchAsJsonAsync($"/api/v2/tasks/{taskId}", new UpdateTask(0));
        Assert.Equal(HttpStatusCode.OK, faster.StatusCode);
        await Eventually.HoldsAsync("the drain ends", TimeSpan.FromSeconds(30), async () =>
            (await admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{taskId}"))!.State == TaskState.Done);
        Assert.Empty(FilesIn(Path.Combine(data.Path, "volume-1")));
        Assert.Equal(8, FilesIn(disk.Path).Count);
    }

    [Fact]
    public async Task Drain_that_cannot_fit_is_refused_and_one_that_meets_a_bad_file_takes_it_away_and_says_which()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var blobs = await FillAsync(host, 3);
        var first = await FirstAsync(host);
        Assert.Equal("no_room", await RefusalAsync(host, Drain(first), new MoveRequest(Apply: true)));
        Assert.Equal("target_invalid", await RefusalAsync(host, Drain(first), new MoveRequest(Targets: [Guid.NewGuid()])));
        Assert.Equal("high_water_invalid", await RefusalAsync(host, Drain(first), new MoveRequest(HighWaterPercent: 101)));

        await host.AddVolumeAsync(disk.Path);
        var bad = FilesIn(host.FirstVolume).Single(path => Path.GetFileName(path) == blobs[0].Name.Id);
        await File.WriteAllBytesAsync(bad, [.. blobs[0].Content.Reverse()]);
        File.SetLastWriteTimeUtc(bad, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)); // as after damage by a disk
        var task = (await BucketHost.PostAsync<MovePlan>(host.Admin, Drain(first), new MoveRequest(Apply: true))).Task!;
        var ended = await EndAsync(host, task);

        Assert.Equal(TaskState.Done, ended.State);
        var log = await host.Admin.GetFromJsonAsync<Page<TaskLogEntry>>($"/api/v2/tasks/{task.Id}/log");
        Assert.Contains(log!.Items, line => line.Text.Contains(blobs[0].Name.Id, StringComparison.Ordinal));
        Assert.Empty(FilesIn(host.FirstVolume));
        var found = await host.Admin.GetFromJsonAsync<Page<ScrubFindingInfo>>(Routes.ScrubFindings);
        Assert.Equal(blobs[0].Name.ToString(), Assert.Single(found!.Items).Path);
    }

    [Fact]
    public async Task Volumes_that_are_filled_alike_have_nothing_to_rebalance()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        await FillAsync(host, 3);
        await host.AddVolumeAsync(disk.Path); // on the same file system, hence as full

        var plan = await BucketHost.PostAsync<MovePlan>(host.Admin, Routes.VolumesRebalance, new MoveRequest(Apply: true));

        Assert.Equal((0, null), (plan.Bytes, plan.Task));
    }

    [Theory]
    [DatabaseData]
    public async Task Disk_of_another_server_brings_its_buckets_along(TestDatabase database)
    {
        using var data = new TemporaryDirectory();
        List<TestBlob> blobs;
        string bucket;
        await using (var old = await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, DataDirectory = data.Path }))
        {
            blobs = await FillAsync(old, 3);
            bucket = old.Id;
        }

        await using var host = await BucketHost.StartAsync(database);
        await host.AddVolumeAsync(Path.Combine(data.Path, "volume-1"));

        var adopted = (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{bucket}"))!;
        Assert.Equal(0, adopted.Keys);
        var key = await BucketHost.PostAsync<BucketKeyCreated>(host.Admin, $"/api/v2/buckets/{bucket}/keys", new CreateBucketKey());
        using var vault = host.Client(key.Secret, bucket);
        foreach (var blob in blobs)
        {
            Assert.Equal(blob.Content, await vault.GetByteArrayAsync($"/vault/{bucket}/{blob.Name}"));
        }
    }

    [Fact]
    public async Task Volume_is_reached_under_the_path_where_its_disk_is_mounted_now()
    {
        using var disk = new TemporaryDirectory();
        await using var host = await BucketHost.StartAsync();
        var first = await FirstAsync(host);
        var second = await host.AddVolumeAsync(disk["old"]);
        await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{first.Id}", new UpdateVolume(VolumeMode.ReadOnly));
        var blobs = await FillAsync(host, 2);

        Assert.Equal("volume_marker_missing", await RelocateAsync(host, second, disk["new"]));
        Assert.Equal("volume_overlaps", await RelocateAsync(host, second, first.Path));
        Directory.Move(disk["old"], disk["new"]);
        Assert.Null(await RelocateAsync(host, second, disk["new"] + "/"));

        Assert.Equal(disk["new"], (await host.Admin.GetFromJsonAsync<VolumeInfo>($"/api/v2/volumes/{second.Id}"))!.Path);
        Assert.Equal(blobs[1].Content, await host.Vault.GetByteArrayAsync(host.Url(blobs[1].Name.ToString())));
        await FillAsync(host, 3, seed: 50);
        Assert.Equal(5, FilesIn(disk["new"]).Count);
    }

    private static string Drain(VolumeInfo volume) => $"/api/v2/volumes/{volume.Id}/drain";

    private static async Task<VolumeInfo> FirstAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0];

    private static async Task<List<TestBlob>> FillAsync(BucketHost host, int count, int seed = 1)
    {
        var blobs = Enumerable.Range(0, count).Select(i => TestBlob.Of((BlobType)((i % 5) + 1), 2000 + (i * 100), seed + i)).ToList();
        foreach (var blob in blobs)
        {
            using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        return blobs;
    }

    private static List<string> FilesIn(string volume) =>
        [.. Directory.EnumerateFiles(
            Directory.Exists(Path.Combine(volume, "buckets")) ? Path.Combine(volume, "buckets") : volume, "*", SearchOption.AllDirectories)
            .Where(path => BlobName.IsId(Path.GetFileName(path)))];

    private static async Task<TaskInfo> EndAsync(BucketHost host, TaskInfo task)
    {
        var now = task;
        await Eventually.HoldsAsync("the task ends", TimeSpan.FromSeconds(30), async () =>
            (now = (await host.Admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{task.Id}"))!).State != TaskState.Running);
        return now;
    }

    private static Task<TaskInfo> ActAsync(BucketHost host, Guid task, string act) =>
        BucketHost.PostAsync<TaskInfo>(host.Admin, $"/api/v2/tasks/{task}/{act}", new { });

    private static async Task<string?> RefusalAsync(BucketHost host, string url, object body)
    {
        using var answer = await host.Admin.PostAsJsonAsync(url, body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]?.GetValue<string>();
    }

    private static async Task<string?> RelocateAsync(BucketHost host, VolumeInfo volume, string path)
    {
        using var answer = await host.Admin.PatchAsJsonAsync($"/api/v2/volumes/{volume.Id}", new UpdateVolume(Path: path));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]?.GetValue<string>();
    }
}
