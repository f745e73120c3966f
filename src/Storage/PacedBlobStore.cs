namespace Halley.Storage;

/// <summary>Limits how fast another store is read and written, whatever uses it.</summary>
/// <param name="inner">The store that does the work.</param>
/// <param name="time">The clock.</param>
/// <param name="uploadBytesPerSecond">Most bytes a second that are sent; null for as fast as it goes.</param>
/// <param name="downloadBytesPerSecond">Most bytes a second that are received; null for as fast as it goes.</param>
public sealed class PacedBlobStore(
    IBlobStore inner, TimeProvider time, long? uploadBytesPerSecond, long? downloadBytesPerSecond) : IBlobStore
{
    private const int Block = 64 << 10;

    private readonly Pace _upload = new(time, static () => false) { BytesPerSecond = uploadBytesPerSecond };
    private readonly Pace _download = new(time, static () => false) { BytesPerSecond = downloadBytesPerSecond };

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken) =>
        await inner.OpenAsync(name, cancellationToken) is not { } reader ? null
        : downloadBytesPerSecond is null ? reader
        : new PacedReader(reader, _download, time);

    /// <inheritdoc/>
    public ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken) =>
        inner.PutAsync(name, uploadBytesPerSecond is null ? content : new PacedStream(content, _upload, time), length, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        inner.ListAsync(type, cancellationToken);

    private sealed class PacedReader(BlobReader inner, Pace pace, TimeProvider time) : BlobReader
    {
        public override long Length => inner.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var read = 0;
            while (read < buffer.Length)
            {
                var began = time.GetTimestamp();
                var part = buffer.Slice(read, Math.Min(Block, buffer.Length - read));
                var count = await inner.ReadAsync(offset + read, part, cancellationToken);
                await pace.SpendAsync(count, began, cancellationToken);
                read += count;
                if (count < part.Length)
                {
                    break;
                }
            }

            return read;
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }

    /// <summary>Reads another stream, which stays the caller's.</summary>
    private sealed class PacedStream(Stream inner, Pace pace, TimeProvider time) : ForwardOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var began = time.GetTimestamp();
            var read = await inner.ReadAsync(buffer[..Math.Min(Block, buffer.Length)], cancellationToken);
            await pace.SpendAsync(read, began, cancellationToken);
            return read;
        }
    }
}
