using Halley.Storage;

namespace Halley.Client.Backup;

/// <summary>
/// The store of a vault during a dry run. It reads from another store, and ignores writes and deletes. So
/// it does not keep the promises of <see cref="IBlobStore"/>, and is of use for nothing else.
/// </summary>
/// <param name="inner">The store that is read.</param>
public sealed class DryRunBlobStore(IBlobStore inner) : IBlobStore
{
    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) => inner.OpenAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        var counted = 0L;
        var buffer = new byte[64 << 10];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            counted += read;
        }

        return new(PutOutcome.Stored, counted);
    }

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        inner.ListAsync(type, cancellationToken);
}
