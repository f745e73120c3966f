using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Trash;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tests.Organizations;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A bucket that was deleted as a whole comes back while it is held; what nobody knows any more goes when it is due.</summary>
public sealed class DeletedBucketTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TestBlob Pack = TestBlob.Of(BlobType.Data, 700, 1);
    private static readonly TestBlob Deleted = TestBlob.Of(BlobType.Index, 800, 2);
    private static readonly TestBlob Config = TestBlob.Of(BlobType.Config, 155, 3);

    [Theory]
    [DatabaseData]
    public async Task Bucket_comes_back_with_its_files_and_its_trash(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        using var disk = new TemporaryDirectory();
        await using var host = await StartAsync(database, time);
        await host.AddVolumeAsync(disk.Combine("second"));
        await FillAsync(host);
        await DeleteAsync(host);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Vault.GetAsync(host.Url("config"))).StatusCode);
        var listed = Assert.Single((await host.Admin.GetFromJsonAsync<Page<DeletedBucket>>(Routes.DeletedBuckets))!.Items);
        Assert.Equal(new DeletedBucket(host.Id, Start.UtcDateTime, Start.UtcDateTime.AddDays(30)), listed);
        time.Pass(TimeSpan.FromDays(20));
        await RunJobsAsync(host);

        using var admin = await host.Server.SignInAsync();
        var restored = await BucketHost.PostAsync<BucketCreated>(admin, Restore(host.Id), new RestoreBucket("back again"));
        Assert.Equal(("back again", 855, 2, 30, 800), (
            restored.Bucket.Label, restored.Bucket.Bytes, restored.Bucket.Files, restored.Bucket.Protection.HoldDays,
            restored.Bucket.Protection.TrashBytes));
        using var client = host.Client(restored.Secret);
        Assert.Equal(Pack.Content, await client.GetByteArrayAsync(host.Url(Pack.Name.ToString())));
        Assert.Equal(Config.Content, await client.GetByteArrayAsync(host.Url("config")));
        var back = await BucketHost.PostAsync<TrashRestored>(
            admin, $"/api/v2/buckets/{host.Id}/trash/restore", new RestoreTrash([Deleted.Name.ToString()]));
        Assert.Equal(1, back.Restored);
        Assert.Empty((await admin.GetFromJsonAsync<Page<DeletedBucket>>(Routes.DeletedBuckets))!.Items);
        Assert.Contains("HALLEY_BUCKET_RESTORED", await admin.GetStringAsync(Routes.Events), StringComparison.Ordinal);
        Assert.Equal("bucket_exists", await RefusedAsync(admin, host.Id, HttpStatusCode.Conflict));
    }

    [Theory]
    [DatabaseData]
    public async Task Bucket_whose_files_lie_in_several_folders_of_a_volume_comes_back_whole(TestDatabase database)
    {
        await using var host = await StartAsync(database, new JumpingClock(Start));
        await FillAsync(host);
        await DeleteAsync(host);
        var trash = Path.Combine(host.FirstVolume, ".trash", "buckets");
        var folder = Directory.GetDirectories(trash).Single(path => File.Exists(Path.Combine(path, "config")));
        // as after a drain of the volume that had the other half
        var parts = Path.GetFileName(folder).Split('.');
        var other = Path.Combine(trash, $"{host.Id}.{new string('a', 32)}.{parts[^2]}.{parts[^1]}");
        Directory.CreateDirectory(Path.Combine(other, "data", Pack.Name.Id[..2]));
        File.Move(Path.Combine(folder, "data", Pack.Name.Id[..2], Pack.Name.Id),
            Path.Combine(other, "data", Pack.Name.Id[..2], Pack.Name.Id));

        var restored = await BucketHost.PostAsync<BucketCreated>(host.Admin, Restore(host.Id), new RestoreBucket());

        Assert.Equal((855, 2), (restored.Bucket.Bytes, restored.Bucket.Files));
        Assert.Empty(Directory.GetDirectories(trash));
    }

    [Theory]
    [DatabaseData]
    public async Task Latest_deletion_comes_back_and_only_for_full_administrators_while_all_volumes_are_there(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        using var disk = new TemporaryDirectory();
        await using var host = await StartAsync(database, time);
        await FillAsync(host);
        await DeleteAsync(host);
        time.Pass(TimeSpan.FromMinutes(1));
        var again = await BucketHost.PostAsync<BucketCreated>(host.Admin, Routes.Buckets, new CreateBucket(host.Id, HoldDays: 30));
        using (var client = host.Client(again.Secret))
        {
            await client.PostAsync(host.Url(Deleted.Name.ToString()), new ByteArrayContent(Deleted.Content));
        }

        await DeleteAsync(host);
        await host.Server.AddAdministratorAsync("anna", await host.Server.AddOrganizationAsync("Acme"));
        using var tenant = await host.Server.SignInAsync("anna", ServerHost.Password);
        Assert.Equal(HttpStatusCode.Forbidden, (await tenant.PostAsJsonAsync(Restore(host.Id), new RestoreBucket())).StatusCode);
        Assert.Equal("organization_unknown",
            await RefusedAsync(host.Admin, host.Id, HttpStatusCode.BadRequest, new RestoreBucket(OrganizationId: "nobody")));
        Assert.Equal("bucket_not_held", await RefusedAsync(host.Admin, "another", HttpStatusCode.NotFound));
        Assert.Equal("bucket_id_invalid", await RefusedAsync(host.Admin, "a", HttpStatusCode.BadRequest));

        var second = await host.AddVolumeAsync(disk.Combine("second"));
        Directory.Move(second.Path, second.Path + "-away");
        await host.Server.Service<VolumeProbeWork>().RunOnceAsync(CancellationToken.None);
        Assert.Equal("volume_offline", await RefusedAsync(host.Admin, host.Id, HttpStatusCode.ServiceUnavailable));
        using (var list = await host.Admin.GetAsync(Routes.DeletedBuckets))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, list.StatusCode); // not a shorter list
        }

        Directory.Move(second.Path + "-away", second.Path);
        await host.Server.Service<VolumeProbeWork>().RunOnceAsync(CancellationToken.None);
        var restored = await BucketHost.PostAsync<BucketCreated>(host.Admin, Restore(host.Id), new RestoreBucket());
        Assert.Equal((800, 1), (restored.Bucket.Bytes, restored.Bucket.Files)); // not the pack of the first one
    }

    [Theory]
    [DatabaseData]
    public async Task Trash_of_a_bucket_that_nobody_knows_is_removed_after_a_year(TestDatabase database)
    {
        var time = new JumpingClock(Start);
        await using var host = await StartAsync(database, time);
        var folder = Directory.CreateDirectory(Path.Combine(host.FirstVolume, ".trash", "files", "forgotten", "data")).FullName;
        var held = Path.Combine(folder, $"{Pack.Name.Id}.{Start.ToUnixTimeMilliseconds()}");
        await File.WriteAllBytesAsync(held, Pack.Content);
        await host.Server.Service<VolumeMeasuringWork>().RunOnceAsync(CancellationToken.None);
        Assert.Equal(700, (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items[0].TrashBytes);

        time.Pass(TimeSpan.FromDays(364));
        await RunJobsAsync(host);
        Assert.True(File.Exists(held));
        time.Pass(TimeSpan.FromDays(2));
        await RunJobsAsync(host);
        Assert.False(File.Exists(held));
    }

    private static async Task<BucketHost> StartAsync(TestDatabase database, TimeProvider time)
    {
        var host = await BucketHost.StartAsync(new ServerHostOptions { Database = database, Kestrel = true, Time = time });
        using var answer = await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{host.Id}", new UpdateBucket(HoldDays: 30));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await host.Server.Service<HoldClockWork>().RunOnceAsync(CancellationToken.None);
        return host;
    }

    private static async Task FillAsync(BucketHost host)
    {
        foreach (var blob in new[] { Pack, Deleted, Config })
        {
            using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await host.Vault.DeleteAsync(host.Url(Deleted.Name.ToString()))).StatusCode);
    }

    private static async Task DeleteAsync(BucketHost host) =>
        Assert.Equal(HttpStatusCode.NoContent, (await host.Admin.DeleteAsync($"/api/v2/buckets/{host.Id}")).StatusCode);

    private static async Task RunJobsAsync(BucketHost host)
    {
        await host.Server.Service<HoldClockWork>().RunOnceAsync(CancellationToken.None);
        await host.Server.Service<TrashPurgingWork>().RunOnceAsync(CancellationToken.None);
        await host.Server.Service<BucketRemovalWork>().RunOnceAsync(CancellationToken.None);
    }

    private static async Task<string> RefusedAsync(HttpClient admin, string id, HttpStatusCode status, RestoreBucket? request = null)
    {
        using var answer = await admin.PostAsJsonAsync(Restore(id), request ?? new RestoreBucket());
        Assert.Equal(status, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
    }

    private static string Restore(string id) => $"/api/v2/buckets/{id}/restore";
}
