using System.Collections.Concurrent;
using System.Security.Cryptography;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>A pack that is being filled, in memory, in blocks that are used again. For one thread at a time.</summary>
internal sealed class PackBuffer(BlobKind kind, ConcurrentBag<byte[]> blocks) : IDisposable
{
    private const int BlockSize = 1 << 20;

    private readonly List<byte[]> _content = [];
    private readonly List<PackedBlob> _blobs = [];

    public BlobKind Kind => kind;

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>The blobs so far, in the order of the file.</summary>
    public IReadOnlyList<PackedBlob> Blobs => _blobs;

    /// <summary>Adds a sealed blob.</summary>
    public void Append(in PackedBlob blob, ReadOnlySpan<byte> sealedText)
    {
        _blobs.Add(blob with { Offset = (uint)Length });
        Append(sealedText);
    }

    /// <summary>Adds all blobs of another pack.</summary>
    public void Append(PackBuffer other)
    {
        var shift = (uint)Length;
        _blobs.AddRange(other._blobs.Select(blob => blob with { Offset = blob.Offset + shift }));
        for (long done = 0; done < other.Length; done += BlockSize)
        {
            Append(other._content[(int)(done / BlockSize)].AsSpan(0, (int)Math.Min(BlockSize, other.Length - done)));
        }
    }

    /// <summary>Adds the header and returns the name of the pack. Nothing may be added afterwards.</summary>
    public BlobId Close(VaultKey key)
    {
        Append(PackHeader.Seal(key, _blobs));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long done = 0; done < Length; done += BlockSize)
        {
            hash.AppendData(_content[(int)(done / BlockSize)].AsSpan(0, (int)Math.Min(BlockSize, Length - done)));
        }

        Span<byte> id = stackalloc byte[BlobId.Length];
        hash.GetHashAndReset(id);
        return new BlobId(id);
    }

    /// <summary>The bytes, from the beginning. Can be read several times, until the buffer is disposed of.</summary>
    public Stream OpenRead() => new Reader(this);

    /// <summary>Returns the blocks to the pool.</summary>
    public void Dispose()
    {
        foreach (var block in _content)
        {
            blocks.Add(block);
        }

        _content.Clear();
        Length = 0;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (block, used) = Math.DivRem(Length, BlockSize);
            if (block == _content.Count)
            {
                _content.Add(blocks.TryTake(out var free) ? free : GC.AllocateUninitializedArray<byte>(BlockSize));
            }

            var count = (int)Math.Min(bytes.Length, BlockSize - used);
            bytes[..count].CopyTo(_content[(int)block].AsSpan((int)used));
            bytes = bytes[count..];
            Length += count;
        }
    }

    private sealed class Reader(PackBuffer pack) : Stream
    {
        private readonly long _length = pack.Length;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => _length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var (block, used) = Math.DivRem(Position, BlockSize);
            var count = (int)Math.Min(Math.Min(buffer.Length, BlockSize - used), _length - Position);
            if (count <= 0)
            {
                return 0;
            }

            pack._content[(int)block].AsSpan((int)used, count).CopyTo(buffer);
            Position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            cancellationToken.IsCancellationRequested
                ? ValueTask.FromCanceled<int>(cancellationToken)
                : ValueTask.FromResult(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => Position,
            _ => _length,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
