namespace Halley.Storage;

/// <summary>
/// The files of one vault. Every sentence below is checked by <c>BlobStoreConformance</c>, which every implementation, every decorator
/// and the HTTP surface pass. All members may be called from any number of threads at once.
/// </summary>
/// <remarks>
/// Whatever a store cannot know for certain is a <see cref="BlobStoreException"/>, never "absent" and never a shorter listing.
/// </remarks>
public interface IBlobStore
{
    /// <summary>Length of a file in bytes; null only when it certainly does not exist.</summary>
    /// <exception cref="BlobStoreException">It cannot be known, for example because a volume is offline.</exception>
    ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a file for reading; null only when it certainly does not exist. The reader stays good when the file is moved or deleted
    /// meanwhile.
    /// </summary>
    /// <exception cref="BlobStoreException">It cannot be known, or the file cannot be read.</exception>
    ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a file. When this returns <see cref="PutOutcome.Stored"/> or <see cref="PutOutcome.AlreadyPresent"/>, the file survives a
    /// power loss; after any other outcome nothing is left behind, after an exception nothing or the whole file. Nobody ever sees a part of
    /// it. An existing file is never replaced by other content.
    /// </summary>
    /// <param name="name">Its name; unless it is config, the content must have that SHA-256.</param>
    /// <param name="content">The content, read once and to its end.</param>
    /// <param name="length">Number of bytes the content must have, when it is known beforehand; used to place it and checked.</param>
    /// <param name="cancellationToken">Gives up and leaves nothing behind.</param>
    /// <exception cref="BlobStoreException">No volume could take it for another reason than a lack of space.</exception>
    /// <exception cref="IOException">The content could not be read to its end.</exception>
    ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken);

    /// <summary>Deletes a file durably and tells how many bytes it had; null when there was none.</summary>
    /// <exception cref="BlobStoreException">It may still exist somewhere.</exception>
    ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>
    /// Every file of a collection, each once, in no particular order. A file that exists from the first to the last entry is listed,
    /// also when it is moved between volumes meanwhile; one that comes or goes may be. A folder that does not exist is an empty collection.
    /// </summary>
    /// <exception cref="ArgumentException">The type is config, which is no collection.</exception>
    /// <exception cref="BlobStoreException">The listing would have been short.</exception>
    IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken);
}

/// <summary>A file in a listing.</summary>
/// <param name="Id">64 lower-case hex digits.</param>
/// <param name="Length">Its size in bytes.</param>
public readonly record struct BlobEntry(string Id, long Length);

/// <summary>What became of an upload.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Length">Bytes that were read of the content.</param>
public readonly record struct PutResult(PutOutcome Outcome, long Length);

/// <summary>What can become of an upload.</summary>
public enum PutOutcome
{
    /// <summary>It is new and durable.</summary>
    Stored,

    /// <summary>The same content was there already, and is durable.</summary>
    AlreadyPresent,

    /// <summary>Only for config: there is one with other content, which stays.</summary>
    Conflict,

    /// <summary>The content does not have the SHA-256 that its name says, or config is empty.</summary>
    HashMismatch,

    /// <summary>The content is shorter or longer than was announced.</summary>
    LengthMismatch,

    /// <summary>No writable volume has room for it above its reserve.</summary>
    NoSpace,
}
