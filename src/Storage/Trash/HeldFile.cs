using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Trash;

/// <summary>A deleted file that is held on a volume.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Name">Its name in the vault.</param>
/// <param name="DeletedAt">UTC time at which it was deleted, by the server's clock.</param>
/// <param name="Length">Its size in bytes.</param>
public readonly record struct HeldFile(Volume Volume, BlobName Name, DateTime DeletedAt, long Length)
{
    /// <summary>Unique in the bucket but for copies on several volumes; lists are in its order.</summary>
    public string Key => HeldName.Of(Name, DeletedAt).ToString();
}

/// <summary>
/// A file below a volume's trash that is held, as a move to another volume sees it: of a bucket's trash, or of a bucket that was deleted as
/// a whole.
/// </summary>
/// <param name="Path">Its path below the trash.</param>
/// <param name="Length">Its size in bytes when it was listed.</param>
public readonly record struct HeldPath(string Path, long Length)
{
    /// <summary>The file that it was; null for one of a bucket that was deleted as a whole.</summary>
    internal (string BucketId, BlobName Name)? Origin =>
        Path.Split(['/', '\\'], 3) is ["files", var bucketId, var held] && HeldName.Parse(held.Replace('\\', '/')) is { } name
            ? (bucketId, name.Name)
            : null;
}

/// <summary>How the restore of a file ended.</summary>
public enum RestoreOutcome
{
    /// <summary>It is back in the bucket.</summary>
    Restored,

    /// <summary>The bucket already has such a file; the one in the trash stays there until it is due.</summary>
    Present,

    /// <summary>The content of the file in the trash does not match its name; it stays there.</summary>
    Corrupt,

    /// <summary>It is not in the trash (any more).</summary>
    Missing,
}
