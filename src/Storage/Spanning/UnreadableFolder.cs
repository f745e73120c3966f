namespace Halley.Storage.Spanning;

/// <summary>A folder of a bucket on one volume that cannot be read.</summary>
/// <param name="BucketId">Its bucket.</param>
/// <param name="Type">The type of its files.</param>
/// <param name="Digits">The first digits of their names; empty if they are all in one folder.</param>
/// <param name="Reason">The cause, in one sentence.</param>
public readonly record struct UnreadableFolder(string BucketId, BlobType Type, string Digits, string Reason)
{
    /// <summary>Its path below the folder of the bucket.</summary>
    public string Path => PathOf(Type, Digits);

    internal static string PathOf(BlobType type, string digits) =>
        digits.Length > 0 ? $"{BlobName.NameOf(type)}/{digits}" : BlobName.NameOf(type);

    internal static UnreadableFolder Of(string bucketId, BlobType type, string digits, BlobStoreException error) =>
        new(bucketId, type, digits, ReasonOf(error));

    internal static string ReasonOf(BlobStoreException error) => IsForbidden(error)
        ? "The server's user may not read this folder. Correct its owner or mode."
        : $"The disk reported for this folder: {error.InnerException?.Message ?? error.Message}";

    /// <summary>True when the right to read it is missing, which says nothing about the disk.</summary>
    internal static bool IsForbidden(BlobStoreException error) => error.InnerException is UnauthorizedAccessException;
}
