using Halley.Storage.Spanning;

namespace Halley.Storage.Trash;

/// <summary>Buckets that are deleted as a whole, on all volumes of a server.</summary>
/// <param name="volumes">The volumes.</param>
public sealed class DiscardedBuckets(VolumeSet volumes)
{
    /// <summary>
    /// Takes a bucket's files away on every volume. When this returns, readers no longer see them. <see cref="VolumeTrash.RemoveBuckets"/>
    /// frees the space. Can be repeated after a crash.
    /// </summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="holdDays">Days for which its files and its trash are held; 0 for none.</param>
    /// <param name="deletedAt">
    /// Time of the deletion, the same on all volumes and in all attempts, which identifies the folders that belong together; null for now.
    /// </param>
    /// <exception cref="BlobStoreException">A volume is offline; the volumes before it have already discarded the bucket.</exception>
    public void Discard(string bucketId, int holdDays = 0, DateTimeOffset? deletedAt = null)
    {
        foreach (var volume in volumes.AllOnline())
        {
            new VolumeTrash(volume).DiscardBucket(bucketId, holdDays, deletedAt ?? volumes.Now);
        }
    }

    /// <summary>The held folders of discarded buckets on every volume.</summary>
    /// <exception cref="BlobStoreException">A volume is offline or a disk failed, so the list would be incomplete.</exception>
    public IReadOnlyList<(Volume Volume, HeldBucket Folder)> List() =>
        [.. volumes.AllOnline().SelectMany(volume => new VolumeTrash(volume).HeldBuckets().Select(folder => (volume, folder)))];

    /// <summary>
    /// Restores a discarded bucket's files and its trash on every volume, as of its latest deletion. Returns the days for which it was
    /// held; null when no volume holds it. Can be repeated after a crash.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume is offline, or a disk failed.</exception>
    public int? Restore(string bucketId)
    {
        var held = List().Where(one => one.Folder.BucketId == bucketId).ToList();
        if (held.Count == 0)
        {
            return null;
        }

        var latest = held.Max(one => one.Folder.DeletedAt);
        var folders = held.Where(one => one.Folder.DeletedAt == latest).ToList();
        foreach (var (volume, folder) in folders)
        {
            new VolumeTrash(volume).GiveBack(folder);
        }

        return folders.Max(one => one.Folder.Days);
    }
}
