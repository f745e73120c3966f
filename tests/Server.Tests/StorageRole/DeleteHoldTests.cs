using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Trash;
using Halley.Server.Tests.Organizations;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>What clients delete is held for as long as the server says, by its own clock.</summary>
public sealed class DeleteHoldTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [DatabaseData]
    public async Task Deleted_files_are_listed_and_given_back_by_name_and_by_time(TestDatabase database)
    {
        await using var host = await StartAsync(database);
        var blobs = Enumerable.Range(1, 3).Select(seed => TestBlob.Of(BlobType.Data, 1000 * seed, seed))
            .Append(TestBlob.Of(BlobType.Locks, 100, 9)).ToList();
        foreach (var blob in blobs)
        {
            await PostAsync(host, blob);
            Assert.Equal(HttpStatusCode.OK, await DeleteAsync(host, blob.Name.ToString()));
            Assert.Equal(HttpStatusCode.NotFound, (await host.Vault.GetAsync(host.Url(blob.Name.ToString()))).StatusCode);
        }

        var bucket = await GetAsync(host);
        Assert.Equal((0, 0, 6000, 3), (bucket.Bytes, bucket.Files, bucket.Protection.TrashBytes, bucket.Protection.TrashFiles));
        var first = (await host.Admin.GetFromJsonAsync<Page<TrashedFile>>(Trash(host) + "?limit=2"))!;
        var rest = (await host.Admin.GetFromJsonAsync<Page<TrashedFile>>($"{Trash(host)}?limit=2&after={first.Next}"))!;
        var held = first.Items.Concat(rest.Items).ToList();
        Assert.Equal(blobs.Take(3).Select(blob => blob.Name.ToString()).Order(StringComparer.Ordinal), held.Select(file => file.Name));
        Assert.Null(rest.Next);
        Assert.All(held, file => Assert.Equal(file.DeletedAt.AddDays(30), file.DueAt));

        var byName = await BucketHost.PostAsync<TrashRestored>(
            host.Admin, Trash(host) + "/restore", new RestoreTrash([blobs[0].Name.ToString(), $"data/{new string('0', 64)}"]));
        Assert.Equal(new TrashRestored(1, 1000, 0, 1, 0), byName);
        var byTime = await BucketHost.PostAsync<TrashRestored>(
            host.Admin, Trash(host) + "/restore", new RestoreTrash(null, held.Min(file => file.DeletedAt)));
        Assert.Equal(new TrashRestored(2, 5000, 0, 0, 0), byTime);
        foreach (var blob in blobs.Take(3))
        {
            Assert.Equal(blob.Content, await host.Vault.GetByteArrayAsync(host.Url(blob.Name.ToString())));
        }

        bucket = await GetAsync(host);
        Assert.Equal((6000, 3, 0, 0), (bucket.Bytes, bucket.Files, bucket.Protection.TrashBytes, bucket.Protection.TrashFiles));
        Assert.Contains("HALLEY_BUCKET_TRASH_RESTORED", await host.Admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Held_file_is_removed_when_it_is_due_and_fewer_days_count_after_as_many_as_before(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        await using var host = await StartAsync(database, time);
        var (first, second) = (TestBlob.Of(BlobType.Index, 700, 1), TestBlob.Of(BlobType.Index, 800, 2));
        await PostAsync(host, first);
        await PostAsync(host, second);
        await DeleteAsync(host, first.Name.ToString());
        await ChangeAsync(host, new UpdateBucket(HoldDays: 1));
        var pending = (await GetAsync(host)).Protection;
        Assert.Equal((30, 1), (pending.HoldDays, pending.PendingHoldDays));
        Assert.Equal(Start.UtcDateTime.AddDays(30), pending.PendingFrom);

        await PassAsync(host, time, TimeSpan.FromDays(29));
        await DeleteAsync(host, second.Name.ToString());
        Assert.Equal(2, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(1.1)); // the first is due, the lower days count from now on
        Assert.Equal(1, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(5)); // the second was deleted when 30 days were promised
        Assert.Equal(1, Held(host));
        await PostAsync(host, first);
        await DeleteAsync(host, first.Name.ToString());
        await PassAsync(host, time, TimeSpan.FromDays(1.1));
        Assert.Equal(1, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(25));

        Assert.Equal(0, Held(host));
        Assert.Equal(0, host.Server.Service<BucketCache>().All.Single().Usage.Now.TrashBytes);
    }

    [Theory]
    [DatabaseData]
    public async Task Clock_that_jumps_forward_purges_nothing_before_the_time_has_passed(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        await using var host = await StartAsync(database, time);
        var (before, after) = (TestBlob.Of(BlobType.Index, 700, 1), TestBlob.Of(BlobType.Index, 800, 2));
        await PostAsync(host, before);
        await PostAsync(host, after);
        await DeleteAsync(host, before.Name.ToString());
        await PassAsync(host, time, TimeSpan.FromDays(10));

        time.Jump(TimeSpan.FromDays(400));
        await PassAsync(host, time, TimeSpan.FromMinutes(5));
        await DeleteAsync(host, after.Name.ToString());
        Assert.Equal(2, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(19));
        Assert.Equal(2, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(2));
        Assert.Equal(1, Held(host));
        await PassAsync(host, time, TimeSpan.FromDays(10));
        Assert.Equal(0, Held(host));
    }

    [Theory]
    [DatabaseData]
    public async Task Deleted_bucket_is_held_with_its_trash_and_its_id_is_free(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        await using var host = await StartAsync(database, time);
        await PostAsync(host, TestBlob.Of(BlobType.Data, 700, 1));
        await PostAsync(host, TestBlob.Of(BlobType.Index, 800, 2));
        await DeleteAsync(host, TestBlob.Of(BlobType.Index, 800, 2).Name.ToString());

        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync($"/api/v2/buckets/{host.Id}")).StatusCode);
        await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket(host.Id));
        await PassAsync(host, time, TimeSpan.FromDays(29));
        Assert.Equal(1500, Kept());
        using var admin = await host.Server.SignInAsync();
        using var removed =
            await admin.DeleteAsync($"/api/v2/volumes/{(await admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0].Id}");
        Assert.Equal(HttpStatusCode.Conflict, removed.StatusCode);
        await PassAsync(host, time, TimeSpan.FromDays(2));

        Assert.Equal(0, Kept());

        long Kept() => Directory.EnumerateFiles(Path.Combine(host.FirstVolume, ".trash"), "*", SearchOption.AllDirectories)
            .Sum(path => new FileInfo(path).Length);
    }

    [Theory]
    [DatabaseData]
    public async Task Brake_freezes_deletes_until_a_full_administrator_allows_them(TestDatabase database)
    {
        await using var host = await StartAsync(database);
        var (pack, locked) = (TestBlob.Of(BlobType.Data, 700, 1), TestBlob.Of(BlobType.Locks, 70, 2));
        await PostAsync(host, pack);
        await PostAsync(host, locked);
        var brake = host.Server.Service<BucketCache>().All.Single().Brake;
        brake.Remember(1000);

        using var refused = await host.Vault.DeleteAsync(host.Url(pack.Name.ToString()));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("deletes_frozen", JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(host, locked.Name.ToString()));
        Assert.NotNull((await GetAsync(host)).Protection.FrozenAt);
        Assert.Contains("HALLEY_BUCKET_DELETES_FROZEN", await host.Admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
        using var tenant = await TenantAsync(host);
        Assert.Equal(HttpStatusCode.Forbidden, (await tenant.PostAsync($"/api/v2/buckets/{host.Id}/unfreeze", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.PostAsync($"/api/v2/buckets/{host.Id}/unfreeze", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await host.Admin.PostAsync($"/api/v2/buckets/{host.Id}/unfreeze", null)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(host, pack.Name.ToString()));
        brake.Remember(5000);
        await ChangeAsync(host, new UpdateBucket(Brake: false));
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(host, pack.Name.ToString()));
    }

    [Theory]
    [DatabaseData]
    public async Task Protection_is_changed_by_full_administrators_only_and_told(TestDatabase database)
    {
        await using var host = await StartAsync(database);
        using var tenant = await TenantAsync(host);
        var made = (await (await tenant.PostAsJsonAsync(Routes.Buckets, new CreateBucket()))
            .Content.ReadFromJsonAsync<BucketCreated>())!.Bucket;
        Assert.Equal(0, made.Protection.HoldDays);

        foreach (var changes in new[] { new UpdateBucket(HoldDays: 0), new UpdateBucket(Brake: false),
            new UpdateBucket(HardQuotaBytes: 1 << 30) })
        {
            using var refused = await tenant.PatchAsJsonAsync($"/api/v2/buckets/{made.Id}", changes);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await tenant.PostAsJsonAsync(Routes.Buckets, new CreateBucket(HoldDays: 5))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await tenant.PatchAsJsonAsync($"/api/v2/buckets/{made.Id}", new UpdateBucket("Name"))).StatusCode);
        foreach (var wrong in new[] { new UpdateBucket(HoldDays: -1), new UpdateBucket(HoldDays: 3651),
            new UpdateBucket(SoftQuotaBytes: 2, HardQuotaBytes: 1) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{made.Id}", wrong)).StatusCode);
        }

        foreach (var wrong in new[] { new RestoreTrash(), new RestoreTrash(["data/x"]), new RestoreTrash([], DateTime.UnixEpoch) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await host.Admin.PostAsJsonAsync(Trash(host) + "/restore", wrong)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await tenant.GetAsync(Trash(host))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.GetAsync($"/api/v2/buckets/{host.Id}/history")).StatusCode);
        Assert.Contains("HALLEY_BUCKET_PROTECTION_CHANGED", await host.Admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Drain_takes_along_what_is_held(TestDatabase database)
    {
        using var disk = new TemporaryDirectory();
        await using var host = await StartAsync(database);
        var (kept, deleted) = (TestBlob.Of(BlobType.Data, 900, 1), TestBlob.Of(BlobType.Data, 800, 2));
        await PostAsync(host, kept);
        await PostAsync(host, deleted);
        await DeleteAsync(host, deleted.Name.ToString());
        var first = (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0];
        var second = await host.AddVolumeAsync(disk.Path);
        using var refused = await host.Admin.DeleteAsync($"/api/v2/volumes/{first.Id}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        var plan = await BucketHost.PostAsync<MovePlan>(host.Admin, $"/api/v2/volumes/{first.Id}/drain", new MoveRequest(Apply: true));
        Assert.Equal((2, 1700), (plan.Files, plan.Bytes));
        await Eventually.HoldsAsync("the drain ends", TimeSpan.FromSeconds(30), async () =>
            (await host.Admin.GetFromJsonAsync<TaskInfo>($"/api/v2/tasks/{plan.Task!.Id}"))!.State == TaskState.Done);

        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync($"/api/v2/volumes/{first.Id}")).StatusCode);
        var held = Assert.Single((await host.Admin.GetFromJsonAsync<Page<TrashedFile>>(Trash(host)))!.Items);
        Assert.Equal((deleted.Name.ToString(), second.Id), (held.Name, held.VolumeId));
        await BucketHost.PostAsync<TrashRestored>(host.Admin, Trash(host) + "/restore", new RestoreTrash([held.Name]));
        Assert.Equal(deleted.Content, await host.Vault.GetByteArrayAsync(host.Url(held.Name)));
    }

    [Fact]
    public async Task New_buckets_have_the_hold_of_the_settings()
    {
        await using var host =
            await BucketHost.StartAsync(new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Storage:HoldDays"] = "14" } });

        Assert.Equal(14, (await GetAsync(host)).Protection.HoldDays);
    }

    private static async Task<BucketHost> StartAsync(TestDatabase database, TimeProvider? time = null)
    {
        var host = await BucketHost.StartAsync(new ServerHostOptions { Database = database, Kestrel = true, Time = time });
        await ChangeAsync(host, new UpdateBucket(HoldDays: 30));
        await host.Server.Service<HoldClockWork>().RunOnceAsync(CancellationToken.None);
        return host;
    }

    private static async Task ChangeAsync(BucketHost host, UpdateBucket changes)
    {
        using var answer = await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{host.Id}", changes);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // Time passes as it does while a server runs: its jobs look at the clock now and then.
    private static async Task PassAsync(BucketHost host, JumpingClock time, TimeSpan span)
    {
        time.Pass(span);
        await host.Server.Service<HoldClockWork>().RunOnceAsync(CancellationToken.None);
        await host.Server.Service<TrashPurgingWork>().RunOnceAsync(CancellationToken.None);
        await host.Server.Service<BucketRemovalWork>().RunOnceAsync(CancellationToken.None);
    }

    private static long Held(BucketHost host) =>
        host.Server.Service<BucketCache>().TryFind(host.Id, out var bucket) ? bucket.Usage.Now.TrashFiles : 0;

    private static async Task<HttpClient> TenantAsync(BucketHost host)
    {
        await host.Server.AddAdministratorAsync("anna", await host.Server.AddOrganizationAsync("Acme"));
        return await host.Server.SignInAsync("anna", ServerHost.Password);
    }

    private static async Task<BucketInfo> GetAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<BucketInfo>($"/api/v2/buckets/{host.Id}"))!;

    private static string Trash(BucketHost host) => $"/api/v2/buckets/{host.Id}/trash";

    private static async Task PostAsync(BucketHost host, TestBlob blob)
    {
        using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> DeleteAsync(BucketHost host, string name)
    {
        using var answer = await host.Vault.DeleteAsync(host.Url(name));
        return answer.StatusCode;
    }
}
