using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>A file of a bucket on one volume.</summary>
/// <param name="BucketId">Its bucket.</param>
/// <param name="Name">Its name in the vault.</param>
/// <param name="Length">Its size in bytes when it was listed.</param>
public readonly record struct VolumeFile(string BucketId, BlobName Name, long Length)
{
    /// <summary>True when both are in the same folder.</summary>
    public bool IsBeside(VolumeFile other) =>
        BucketId == other.BucketId && VaultDirectory.FolderOf(Name) == VaultDirectory.FolderOf(other.Name);
}
