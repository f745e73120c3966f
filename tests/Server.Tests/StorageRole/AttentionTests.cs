using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>The list of what needs the attention of an administrator.</summary>
public sealed class AttentionTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public async Task Bucket_above_its_quota_or_with_frozen_deletes_is_listed_until_it_is_mended()
    {
        await using var host = await BucketHost.OnAsync(shared);
        Assert.DoesNotContain(await ListAsync(host), item => item.Subject == host.Id);
        var blob = TestBlob.Of(BlobType.Data, 900, 1);
        (await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content))).EnsureSuccessStatusCode();
        await ChangeAsync(host, new UpdateBucket(SoftQuotaBytes: 500));
        Assert.True(host.Server.Service<BucketCache>().TryFind(host.Id, out var bucket));
        Assert.True(bucket.Freeze(DateTime.UtcNow));

        var items = (await ListAsync(host)).Where(item => item.Subject == host.Id).ToList();

        Assert.Equal(
            [(AttentionKind.DeletesFrozen, AttentionLevel.Error), (AttentionKind.BucketQuota, AttentionLevel.Warning)],
            items.Select(item => (item.Kind, item.Level)));
        Assert.Equal($"The bucket {host.Id} has passed the soft quota", items[1].Title);
        await ChangeAsync(host, new UpdateBucket(SoftQuotaBytes: 1000)); // sets the rules anew, and with them what is stored of the freeze
        Assert.DoesNotContain(await ListAsync(host), item => item.Subject == host.Id);
    }

    [Fact]
    public async Task Read_only_and_shared_disk_of_a_volume_are_told()
    {
        await using var host = await BucketHost.OnAsync(shared);
        using var disk = new TemporaryDirectory();
        await host.AddVolumeAsync(disk.Path);
        var volume = (await host.Admin.GetFromJsonAsync<Page<VolumeInfo>>(Routes.Volumes))!.Items.Single(one => one.Path == disk.Path);
        Assert.NotEmpty(volume.SameDiskAs);
        (await host.Admin.PatchAsJsonAsync(Routes.ToVolume(volume.Id), new UpdateVolume(VolumeMode.ReadOnly))).EnsureSuccessStatusCode();

        var item = Assert.Single(await ListAsync(host), item => item.Subject == volume.Id.ToString());

        Assert.Equal((AttentionKind.VolumeReadOnly, AttentionLevel.Notice), (item.Kind, item.Level));
        (await host.Admin.DeleteAsync(Routes.ToVolume(volume.Id))).EnsureSuccessStatusCode();
    }

    private static async Task<IReadOnlyList<AttentionItem>> ListAsync(BucketHost host) =>
        (await host.Admin.GetFromJsonAsync<Page<AttentionItem>>(Routes.Attention))!.Items;

    private static async Task ChangeAsync(BucketHost host, UpdateBucket changes) =>
        (await host.Admin.PatchAsJsonAsync($"/api/v2/buckets/{host.Id}", changes)).EnsureSuccessStatusCode();
}
