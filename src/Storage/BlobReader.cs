namespace Halley.Storage;

/// <summary>A file that is open for reading at any position.</summary>
public abstract class BlobReader : IDisposable
{
    /// <summary>Size of the file in bytes when it was opened.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Reads from <paramref name="offset"/>. Returns fewer bytes than the buffer holds only at the end of the file, and 0 past the end.
    /// </summary>
    /// <exception cref="BlobStoreException">The disk could not deliver bytes that belong to the file.</exception>
    public abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the resources of the derived reader.</summary>
    protected abstract void Dispose(bool disposing);
}
