using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Halley.Storage.Memory;

/// <summary>A vault in memory: for tests, for dry runs, and as the shortest complete description of a store's behavior.</summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly ConcurrentDictionary<BlobName, byte[]> _files = new();

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<long?>(_files.TryGetValue(name, out var content) ? content.LongLength : null);
    }

    /// <inheritdoc/>
    public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<BlobReader?>(_files.TryGetValue(name, out var content) ? new Reader(content) : null);
    }

    /// <inheritdoc/>
    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        return new PutResult(Put(name, bytes, length), bytes.LongLength);
    }

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<long?>(_files.TryRemove(name, out var content) ? content.LongLength : null);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) => type == BlobType.Config
        ? throw new ArgumentException("config is one file, not a collection.", nameof(type))
        : List(type, cancellationToken).ToAsyncEnumerable();

    private IEnumerable<BlobEntry> List(BlobType type, CancellationToken cancellationToken)
    {
        foreach (var (name, content) in _files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.Type == type)
            {
                yield return new BlobEntry(name.Id, content.LongLength);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private PutOutcome Put(BlobName name, byte[] bytes, long? length)
    {
        if (length is not null && bytes.LongLength != length)
        {
            return PutOutcome.LengthMismatch;
        }

        var matches = name.Type == BlobType.Config ? bytes.Length > 0 : Convert.ToHexStringLower(SHA256.HashData(bytes)) == name.Id;
        if (!matches)
        {
            return PutOutcome.HashMismatch;
        }

        if (_files.TryAdd(name, bytes))
        {
            return PutOutcome.Stored;
        }

        return _files.TryGetValue(name, out var existing) && existing.AsSpan().SequenceEqual(bytes)
            ? PutOutcome.AlreadyPresent
            : PutOutcome.Conflict;
    }

    private sealed class Reader(byte[] content) : BlobReader
    {
        public override long Length => content.LongLength;

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Clamp(content.LongLength - offset, 0, buffer.Length);
            content.AsSpan((int)Math.Min(offset, content.LongLength), count).CopyTo(buffer.Span);
            return ValueTask.FromResult(count);
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
