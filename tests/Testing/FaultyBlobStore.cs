using Halley.Storage;

namespace Halley.Testing;

/// <summary>
/// A store whose n-th call fails, to test the code that uses a store. Until a failure is set, it behaves like the inner store.
/// </summary>
public sealed class FaultyBlobStore(IBlobStore inner) : IBlobStore
{
    private int _callsUntilFault;
    private bool _staysDown;
    private volatile bool _isDown;
    private Func<Exception> _fault = () => new BlobStoreException(BlobStoreFault.DiskError, "The disk reported an error.");

    /// <summary>True when a call has failed since it was last told to.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>
    /// Lets the n-th call from now on fail, once; 1 is the next one. Each step of a listing and each read of a reader is a call, too.
    /// </summary>
    public void FailCall(int n, Func<Exception>? fault = null)
    {
        (_fault, _staysDown, _isDown, HasFailed) = (fault ?? _fault, false, false, false);
        Volatile.Write(ref _callsUntilFault, n);
    }

    /// <summary>
    /// Lets all calls fail from the n-th on, until <see cref="FailCall"/>: what a killed process leaves, which cannot even release its
    /// lock.
    /// </summary>
    public void FailFromCall(int n)
    {
        FailCall(n);
        _staysDown = true;
    }

    public async ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        Count();
        return await inner.FindAsync(name, cancellationToken);
    }

    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        Count();
        return await inner.OpenAsync(name, cancellationToken) is { } reader ? new Reader(this, reader) : null;
    }

    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        Count();
        return await inner.PutAsync(name, content, length, cancellationToken);
    }

    public async ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        Count();
        return await inner.DeleteAsync(name, cancellationToken);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        inner.ListAsync(type, cancellationToken).Select(entry =>
        {
            Count();
            return entry;
        });

    private void Count()
    {
        var isFault = Volatile.Read(ref _callsUntilFault) > 0 && Interlocked.Decrement(ref _callsUntilFault) == 0;
        _isDown |= isFault && _staysDown;
        HasFailed |= isFault;
        if (isFault || _isDown)
        {
            throw _fault();
        }
    }

    private sealed class Reader(FaultyBlobStore store, BlobReader inner) : BlobReader
    {
        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            store.Count();
            return await inner.ReadAsync(offset, buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
