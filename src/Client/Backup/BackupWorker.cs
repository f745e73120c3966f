using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>Reads, cuts, hashes, compresses and saves: all that becomes of a file on one thread, so that no data change threads.</summary>
/// <param name="chunker">Cuts files.</param>
/// <param name="writer">Stores blobs.</param>
/// <param name="encoder">This worker's own.</param>
/// <param name="wants">Which blobs are stored; null for all that the vault lacks.</param>
internal sealed class BackupWorker(
    Chunker chunker, PackWriter writer, BlobEncoder encoder, Func<BlobKind, BlobId, bool>? wants = null) : IDisposable
{
    private const int ReadSize = 1 << 20;

    private static readonly BlobId ZeroChunk = BlobId.Of(new byte[Chunker.MinSize]);

    private readonly TreeWriter _trees = new();
    private byte[] _buffer = [];
    private bool _hasSavedZeros;

    /// <summary>Saves a file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="onChunk">Receives the length of each chunk when it is saved.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Its chunks, and how many bytes they have.</returns>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public async ValueTask<(List<BlobId> Chunks, long Length)> SaveFileAsync(
        IContent content, Action<int> onChunk, CancellationToken cancellationToken)
    {
        var chunks = new List<BlobId>();
        var (length, filled, seen) = (0L, 0, 0);
        for (var isEnd = false; !isEnd || filled > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filled == 0 && content.TrySkipHole(Chunker.MinSize))
            {
                chunks.Add(await SaveZerosAsync(cancellationToken));
                length += Chunker.MinSize;
                onChunk(Chunker.MinSize);
                continue;
            }

            var end = seen < filled || isEnd ? chunker.FindEnd(_buffer.AsSpan(0, filled), seen) : 0;
            if (end == 0 && !isEnd)
            {
                // First to the shortest chunk: in a hole it ends there, nothing is left over, and the rest of the hole is passed over.
                seen = filled;
                var size = filled < Chunker.MinSize ? Chunker.MinSize - filled : ReadSize;
                Grow(filled + size);
                var count = await content.ReadAsync(_buffer.AsMemory(filled, size), cancellationToken);
                (filled, isEnd) = (filled + count, count == 0);
                continue;
            }

            end = end == 0 ? filled : end;
            if (end > 0)
            {
                var chunk = _buffer.AsMemory(0, end);
                var id = BlobId.Of(chunk.Span);
                await SaveAsync(BlobKind.Data, id, chunk, cancellationToken);
                chunks.Add(id);
                _buffer.AsSpan(end, filled - end).CopyTo(_buffer);
                (length, filled, seen) = (length + end, filled - end, 0);
                onChunk(end);
            }
        }

        return (chunks, length);
    }

    /// <summary>Saves a directory.</summary>
    public async ValueTask<BlobId> SaveTreeAsync(IEnumerable<Node> nodes, CancellationToken cancellationToken)
    {
        _trees.Clear();
        foreach (var node in nodes)
        {
            _trees.Add(node);
        }

        var text = _trees.Finish();
        var id = BlobId.Of(text.Span);
        await SaveAsync(BlobKind.Tree, id, text, cancellationToken);
        return id;
    }

    public void Dispose() => encoder.Dispose();

    private async ValueTask SaveAsync(BlobKind kind, BlobId id, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        if (wants is null || wants(kind, id))
        {
            await writer.SaveAsync(kind, id, text, encoder, cancellationToken);
        }
    }

    private async ValueTask<BlobId> SaveZerosAsync(CancellationToken cancellationToken)
    {
        if (!_hasSavedZeros)
        {
            Grow(Chunker.MinSize);
            var chunk = _buffer.AsMemory(0, Chunker.MinSize);
            chunk.Span.Clear();
            await SaveAsync(BlobKind.Data, ZeroChunk, chunk, cancellationToken);
            _hasSavedZeros = true;
        }

        return ZeroChunk;
    }

    private void Grow(int length)
    {
        if (_buffer.Length < length)
        {
            // All that it will ever need: pages that are not written to take no memory, and smaller arrays would be left over.
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(length, Chunker.MaxSize + ReadSize));
            _buffer.AsSpan().CopyTo(larger);
            _buffer = larger;
        }
    }
}
