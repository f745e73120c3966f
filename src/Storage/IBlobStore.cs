namespace Halley.Storage;

/// <summary>
/// The files of one vault. <c>BlobStoreConformance</c> checks every sentence below, and every implementation, every decorator and the HTTP
/// surface pass it. All members may be called from any number of threads at once.
/// </summary>
/// <remarks>
/// A store that cannot be certain throws <see cref="BlobStoreException"/>. It never reports "absent" and never shortens a listing instead.
/// </remarks>
public interface IBlobStore
{
    /// <summary>Length of a file in bytes; null only when it certainly does not exist.</summary>
    /// <exception cref="BlobStoreException">It cannot be known, for example because a volume is offline.</exception>
    ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a file for reading; null only when it certainly does not exist. The reader stays valid when the file is moved or deleted
    /// meanwhile.
    /// </summary>
    /// <exception cref="BlobStoreException">Its existence is uncertain, or the file cannot be read.</exception>
    ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a file. When this returns <see cref="PutOutcome.Stored"/> or <see cref="PutOutcome.AlreadyPresent"/>, the file survives a
    /// power loss. Any other outcome leaves nothing behind. An exception leaves nothing or the whole file. No reader ever sees a part of
    /// it. An existing file is never replaced by other content.
    /// </summary>
    /// <param name="name">Its name; unless it is config, the content must have that SHA-256.</param>
    /// <param name="content">The content, read once and to its end.</param>
    /// <param name="length">Length of the content in bytes, if known beforehand. It is used for placement, and checked.</param>
    /// <param name="cancellationToken">Cancels the upload, which then leaves nothing behind.</param>
    /// <exception cref="BlobStoreException">No volume could store it, for a reason other than a lack of space.</exception>
    /// <exception cref="IOException">The content could not be read to its end.</exception>
    ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken);

    /// <summary>Deletes a file durably and returns its length in bytes; null when it did not exist.</summary>
    /// <exception cref="BlobStoreException">A copy may still exist.</exception>
    ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Lists every file of a collection once, in no particular order. A file that exists from the first to the last entry is listed, even
    /// if it moves between volumes meanwhile. A file that appears or disappears meanwhile may be listed. A missing folder is an empty
    /// collection.
    /// </summary>
    /// <exception cref="ArgumentException">The type is config, which is no collection.</exception>
    /// <exception cref="BlobStoreException">The listing would have been incomplete.</exception>
    IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken);
}

/// <summary>A file in a listing.</summary>
/// <param name="Id">64 lower-case hex digits.</param>
/// <param name="Length">Its size in bytes.</param>
public readonly record struct BlobEntry(string Id, long Length);

/// <summary>The result of an upload.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Length">Number of bytes read from the content.</param>
public readonly record struct PutResult(PutOutcome Outcome, long Length);

/// <summary>The ways in which an upload can end.</summary>
public enum PutOutcome
{
    /// <summary>It is new and durable.</summary>
    Stored,

    /// <summary>The same content was already present, and is durable.</summary>
    AlreadyPresent,

    /// <summary>Only for config: one with other content exists, and stays.</summary>
    Conflict,

    /// <summary>The content's SHA-256 differs from its name, or config is empty.</summary>
    HashMismatch,

    /// <summary>The content is shorter or longer than was announced.</summary>
    LengthMismatch,

    /// <summary>No writable volume has room for it above its reserve.</summary>
    NoSpace,

    /// <summary>The room above the reserve is promised to other uploads that are on their way. Trying again may work.</summary>
    Busy,
}
