namespace Halley.Storage;

/// <summary>A file that is open for reading at any position.</summary>
public abstract class BlobReader : IDisposable
{
    /// <summary>Size of the file in bytes when it was opened.</summary>
    public abstract long Length { get; }

    /// <summary>Reads from <paramref name="offset"/>; returns fewer bytes than asked for only at the end, and 0 past it.</summary>
    /// <exception cref="BlobStoreException">The disk could not deliver what the file should hold.</exception>
    public abstract ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the derived reader holds.</summary>
    protected abstract void Dispose(bool disposing);
}
