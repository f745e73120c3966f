using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>
/// The store of a vault as a job uses it: counts the bytes, and lets no call outlive the job for long, not even the release of a lock
/// while the server is offline.
/// </summary>
internal sealed class JobBlobStore : IBlobStore
{
    private readonly IBlobStore _inner;
    private readonly CancellationToken _late;
    private long _uploaded;
    private long _downloaded;
    private long _deleted;

    /// <summary>Makes it.</summary>
    /// <param name="inner">The store that does the work.</param>
    /// <param name="cancellationToken">Ends every call, some time after the job was stopped.</param>
    public JobBlobStore(IBlobStore inner, CancellationToken cancellationToken) => (_inner, _late) = (inner, cancellationToken);

    /// <summary>Bytes of files that were stored.</summary>
    public long Uploaded => Interlocked.Read(ref _uploaded);

    /// <summary>Bytes of files that were read.</summary>
    public long Downloaded => Interlocked.Read(ref _downloaded);

    /// <summary>Bytes of files that were deleted.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) =>
        RunAsync(token => _inner.FindAsync(name, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) =>
        await RunAsync(token => _inner.OpenAsync(name, token), cancellationToken) is { } reader ? new CountingReader(this, reader) : null;

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        var result = await RunAsync(token => _inner.PutAsync(name, content, length, token), cancellationToken);
        Interlocked.Add(ref _uploaded, result.Outcome == PutOutcome.Stored ? result.Length : 0);
        return result;
    }

    /// <inheritdoc/>
    public async ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        var length = await RunAsync(token => _inner.DeleteAsync(name, token), cancellationToken);
        Interlocked.Add(ref _deleted, length ?? 0);
        return length;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        _inner.ListAsync(type, cancellationToken);

    private async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _late);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _late.IsCancellationRequested)
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "The job has ended.");
        }
    }

    private sealed class CountingReader(JobBlobStore store, BlobReader inner) : BlobReader
    {
        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var read = await inner.ReadAsync(offset, buffer, cancellationToken);
            Interlocked.Add(ref store._downloaded, read);
            return read;
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
