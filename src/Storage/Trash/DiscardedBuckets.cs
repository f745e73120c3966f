using Halley.Storage.Spanning;

namespace Halley.Storage.Trash;

/// <summary>Buckets that are deleted as a whole, on all volumes of a server.</summary>
/// <param name="volumes">The volumes.</param>
public sealed class DiscardedBuckets(VolumeSet volumes)
{
    /// <summary>
    /// Takes a bucket's files away on every volume. They are gone for readers when this returns; the space comes back with
    /// <see cref="VolumeTrash.RemoveBuckets"/>. Can be repeated after a crash.
    /// </summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="holdDays">Days for which its files and what was deleted of it are held; 0 for none.</param>
    /// <param name="deletedAt">
    /// When it was deleted, the same on all volumes and in all attempts: by it they belong together; null for now.
    /// </param>
    /// <exception cref="BlobStoreException">A volume is offline; those before it have discarded the bucket already.</exception>
    public void Discard(string bucketId, int holdDays = 0, DateTimeOffset? deletedAt = null)
    {
        foreach (var volume in volumes.AllOnline())
        {
            new VolumeTrash(volume).DiscardBucket(bucketId, holdDays, deletedAt ?? volumes.Now);
        }
    }

    /// <summary>What every volume holds of discarded buckets.</summary>
    /// <exception cref="BlobStoreException">A volume is offline, or a disk failed: it would not be the whole list.</exception>
    public IReadOnlyList<(Volume Volume, HeldBucket Folder)> List() =>
        [.. volumes.AllOnline().SelectMany(volume => new VolumeTrash(volume).HeldBuckets().Select(folder => (volume, folder)))];

    /// <summary>
    /// Gives a bucket that was discarded its files and its trash back, on every volume what it has, as of its latest deletion. Returns the
    /// days for which it was held; null when it is held nowhere. Can be repeated after a crash.
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
