using Halley.Storage;

namespace Halley.Testing;

/// <summary>
/// A store whose n-th call fails: to see what those who use a store make of that. Without an order to fail it is like the store inside.
/// </summary>
public sealed class FaultyBlobStore(IBlobStore inner) : IBlobStore
{
    private int _callsUntilFault;
    private Func<Exception> _fault = () => new BlobStoreException(BlobStoreFault.DiskError, "The disk reported an error.");

    /// <summary>Lets the n-th call from now on fail, once; 1 is the next one. Each step of a listing and each read of a reader is a call, too.</summary>
    public void FailCall(int n, Func<Exception>? fault = null)
    {
        _fault = fault ?? _fault;
        Volatile.Write(ref _callsUntilFault, n);
    }

    public async ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation)
    {
        Count();
        return await inner.FindAsync(name, cancellation);
    }

    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation)
    {
        Count();
        return await inner.OpenAsync(name, cancellation) is { } reader ? new Reader(this, reader) : null;
    }

    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation)
    {
        Count();
        return await inner.PutAsync(name, content, length, cancellation);
    }

    public async ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation)
    {
        Count();
        return await inner.DeleteAsync(name, cancellation);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellation) =>
        inner.ListAsync(type, cancellation).Select(entry =>
        {
            Count();
            return entry;
        });

    private void Count()
    {
        if (Volatile.Read(ref _callsUntilFault) > 0 && Interlocked.Decrement(ref _callsUntilFault) == 0)
        {
            throw _fault();
        }
    }

    private sealed class Reader(FaultyBlobStore store, BlobReader inner) : BlobReader
    {
        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            store.Count();
            return await inner.ReadAsync(offset, buffer, cancellation);
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
