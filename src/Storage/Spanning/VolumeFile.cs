namespace Halley.Storage.Spanning;

/// <summary>A file of a bucket on one volume.</summary>
/// <param name="BucketId">Its bucket.</param>
/// <param name="Name">Its name in the vault.</param>
/// <param name="Length">Its size in bytes when it was listed.</param>
public readonly record struct VolumeFile(string BucketId, BlobName Name, long Length);
