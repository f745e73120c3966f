using System.Buffers;
using System.Buffers.Binary;
using Halley.Client.Repository.Encryption;
using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.Packs;

/// <summary>A blob that was read, or why it could not be.</summary>
/// <param name="Blob">Which one.</param>
/// <param name="Damage">Why it could not be decoded.</param>
/// <param name="Plain">Its plain text, valid until the next blob is read; empty when it is damaged.</param>
public readonly record struct DecodedBlob(PackedBlob Blob, BlobDamage Damage, ReadOnlyMemory<byte> Plain);

/// <summary>A pack that is open for reading. For one thread at a time.</summary>
public sealed class PackReader : IDisposable
{
    // Fifteen entries, which is enough for most packs of chunks, in one request.
    private const int FirstRead = (15 * 41) + VaultKey.Overhead + PackHeader.LengthSize;

    // One request for up to this many bytes, also when some between the blobs are of no use.
    private const int LongestRange = 8 << 20;
    private const int LargestGap = 128 << 10;

    private readonly BlobReader _file;
    private byte[] _range = [];

    internal PackReader(BlobName name, BlobReader file) => (Name, _file) = (name, file);

    /// <summary>The file.</summary>
    public BlobName Name { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length => _file.Length;

    /// <summary>Reads the pack's own header with its blobs, in the order of the file.</summary>
    /// <exception cref="VaultException">The header is damaged.</exception>
    public async ValueTask<IReadOnlyList<PackedBlob>> ReadHeaderAsync(BlobDecoder decoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        var end = new byte[(int)Math.Min(FirstRead, Length)];
        await StoredFile.ReadExactlyAsync(_file, Name, Length - end.Length, end, cancellationToken);
        var length = end.Length < PackHeader.LengthSize
            ? 0
            : BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(end.Length - PackHeader.LengthSize));
        if (length < VaultKey.Overhead || length > PackHeader.Longest || length > Length - PackHeader.LengthSize)
        {
            throw VaultException.Damaged(Name, "the length of its header is impossible");
        }

        var total = (int)length + PackHeader.LengthSize;
        if (total > end.Length)
        {
            end = new byte[total];
            await StoredFile.ReadExactlyAsync(_file, Name, Length - total, end, cancellationToken);
        }

        if (!decoder.TryOpen(end.AsMemory(end.Length - total, (int)length), out var plain))
        {
            throw VaultException.Damaged(Name, "its header is not sealed with this vault's key");
        }

        return PackHeader.TryParse(plain.Span, Length, out var blobs)
            ? blobs
            : throw VaultException.Damaged(Name, "its header does not fit the file");
    }

    /// <summary>Reads a blob; the result is valid until the decoder's next call.</summary>
    public async ValueTask<DecodedBlob> ReadAsync(PackedBlob blob, BlobDecoder decoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        if (blob.End > Length || !blob.HasPossibleLengths)
        {
            return new(blob, BlobDamage.Truncated, default);
        }

        var sealedText = decoder.Buffer((int)blob.Length);
        await StoredFile.ReadExactlyAsync(_file, Name, blob.Offset, sealedText, cancellationToken);
        var damage = decoder.TryDecode(sealedText, blob, out var plain);
        return new(blob, damage, plain);
    }

    /// <summary>Reads several blobs with as few requests as is reasonable.</summary>
    /// <param name="blobs">The blobs, ordered by offset.</param>
    /// <param name="decoder">Decodes them.</param>
    /// <param name="onBlob">Receives each blob, including damaged ones; the next one is decoded when its task has ended.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public ValueTask ReadManyAsync(
        IReadOnlyList<PackedBlob> blobs, BlobDecoder decoder, Func<DecodedBlob, ValueTask> onBlob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(onBlob);
        return ReadRangesAsync(
            blobs,
            (blob, stored) =>
            {
                ReadOnlyMemory<byte> plain = default;
                var damage = stored.IsEmpty ? BlobDamage.Truncated : decoder.TryDecode(stored, blob, out plain);
                return onBlob(new(blob, damage, plain));
            },
            cancellationToken);
    }

    /// <summary>As <see cref="ReadManyAsync"/>, with the sealed bytes of each blob beside it, for copying.</summary>
    public ValueTask ReadSealedAsync(
        IReadOnlyList<PackedBlob> blobs, BlobDecoder decoder, Func<DecodedBlob, ReadOnlyMemory<byte>, ValueTask> onBlob,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(onBlob);
        return ReadRangesAsync(
            blobs,
            (blob, stored) =>
            {
                if (stored.IsEmpty)
                {
                    return onBlob(new(blob, BlobDamage.Truncated, default), default);
                }

                var copy = decoder.Buffer(stored.Length); // decoding is in place
                stored.CopyTo(copy);
                var damage = decoder.TryDecode(copy, blob, out var plain);
                return onBlob(new(blob, damage, plain), stored);
            },
            cancellationToken);
    }

    /// <summary>Reads the stored bytes of the file, for hashing all of it.</summary>
    /// <returns>Fewer bytes than the buffer holds only at the end.</returns>
    public ValueTask<int> ReadStoredAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _file.ReadAsync(offset, buffer, cancellationToken);

    /// <summary>Closes the file. Nothing that was read may be used any longer.</summary>
    public void Dispose()
    {
        _file.Dispose();
        ReturnRange();
    }

    // Hands over the stored bytes of each blob; none when the file cannot hold it.
    private async ValueTask ReadRangesAsync(
        IReadOnlyList<PackedBlob> blobs, Func<PackedBlob, Memory<byte>, ValueTask> onBlob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blobs);
        for (var next = 0; next < blobs.Count;)
        {
            if (blobs[next].End > Length || !blobs[next].HasPossibleLengths)
            {
                await onBlob(blobs[next++], default);
                continue;
            }

            var count = CountInRange(blobs, next);
            var start = blobs[next].Offset;
            var range = RangeBuffer((int)(blobs[next + count - 1].End - start));
            await StoredFile.ReadExactlyAsync(_file, Name, start, range, cancellationToken);
            for (; count > 0; count--, next++)
            {
                await onBlob(blobs[next], range.Slice((int)(blobs[next].Offset - start), (int)blobs[next].Length));
            }
        }
    }

    // Blobs that overlap are never in one range: each is decoded in place.
    private int CountInRange(IReadOnlyList<PackedBlob> blobs, int first)
    {
        var count = 1;
        for (var end = blobs[first].End; first + count < blobs.Count; count++)
        {
            var blob = blobs[first + count];
            if (blob.Offset < end || blob.Offset - end > LargestGap || blob.End - blobs[first].Offset > LongestRange
                || blob.End > Length || !blob.HasPossibleLengths)
            {
                break;
            }

            end = blob.End;
        }

        return count;
    }

    private Memory<byte> RangeBuffer(int length)
    {
        if (_range.Length < length)
        {
            ReturnRange();
            _range = ArrayPool<byte>.Shared.Rent(Math.Max(length, (int)Math.Min(LongestRange, Length)));
        }

        return _range.AsMemory(0, length);
    }

    private void ReturnRange()
    {
        if (_range.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_range);
            _range = [];
        }
    }
}
