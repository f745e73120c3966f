using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Shows what is held of a bucket, as it is on the volumes now.</summary>
internal sealed class TrashList(BucketDirectory directory, VolumeSet volumes)
{
    /// <summary>The bucket, when the caller may see it.</summary>
    public OpenBucket? Find(string bucketId, TenantScope scope) =>
        directory.TryFind(bucketId, out var bucket) && scope.Contains(bucket.OrganizationId) ? bucket : null;

    /// <summary>The first files in the order of their keys that come after one.</summary>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public async Task<IReadOnlyList<TrashedFile>> ReadAsync(OpenBucket bucket, string? after, int count, CancellationToken cancellationToken)
    {
        var held = await Task.Run(() => volumes.OpenTrash(bucket.Id).Page(after, count, cancellationToken), cancellationToken);
        return [.. held.Select(file => new TrashedFile(
            file.Key, file.Name.ToString(), file.Length, file.DeletedAt, file.DeletedAt.AddDays(bucket.Hold.DaysFor(file.DeletedAt)), file.Volume.Id))];
    }
}
