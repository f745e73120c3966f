using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>
/// The end of a pack: sealed entries, one per blob in the order of the file, and the length of that in four bytes. Numbers are
/// little-endian.
/// </summary>
internal static class PackHeader
{
    /// <summary>Bytes of the number at the very end.</summary>
    public const int LengthSize = sizeof(uint);

    /// <summary>Most bytes of a sealed header.</summary>
    public const int Longest = 16 << 20;

    /// <summary>Most blobs of a pack, so that its header is not too long.</summary>
    public const int MostBlobs = (Longest - VaultKey.Overhead) / CompressedEntry;

    private const int PlainEntry = 1 + sizeof(uint) + BlobId.Length;
    private const int CompressedEntry = PlainEntry + sizeof(uint);

    [Flags]
    private enum EntryType : byte
    {
        Data = 0,
        Tree = 1,
        Compressed = 2,
    }

    /// <summary>Bytes of the entry of a blob.</summary>
    public static int SizeOf(in PackedBlob blob) => blob.IsCompressed ? CompressedEntry : PlainEntry;

    /// <summary>Bytes of a pack with exactly these blobs.</summary>
    public static long SizeOfPack(IEnumerable<PackedBlob> blobs) =>
        blobs.Aggregate((long)VaultKey.Overhead + LengthSize, (size, blob) => size + blob.Length + SizeOf(blob));

    /// <summary>
    /// Seals the header of blobs that stand one after the other from the start of a pack; the length at the end is included.
    /// </summary>
    public static byte[] Seal(VaultKey key, IReadOnlyList<PackedBlob> blobs)
    {
        var length = VaultKey.Overhead + blobs.Sum(blob => SizeOf(blob));
        var header = new byte[length + LengthSize];
        var plain = header.AsSpan(VaultKey.Overhead / 2, length - VaultKey.Overhead);
        var rest = plain;
        foreach (var blob in blobs)
        {
            rest = Write(rest, blob);
        }

        key.Seal(plain, header.AsSpan(0, length));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(length), (uint)length);
        return header;
    }

    /// <summary>Reads the entries of an opened header; false when they cannot be those of a pack of this size.</summary>
    /// <param name="plain">The header, opened.</param>
    /// <param name="packSize">Bytes of the whole pack.</param>
    /// <param name="blobs">The blobs in the order of the file.</param>
    public static bool TryParse(ReadOnlySpan<byte> plain, long packSize, [NotNullWhen(true)] out List<PackedBlob>? blobs)
    {
        blobs = null;
        var entries = new List<PackedBlob>(plain.Length / PlainEntry);
        var end = packSize - plain.Length - VaultKey.Overhead - LengthSize;
        var offset = 0L;
        while (!plain.IsEmpty)
        {
            if (!TryRead(ref plain, offset, out var blob) || blob.End > end)
            {
                return false;
            }

            entries.Add(blob);
            offset = blob.End;
        }

        blobs = entries;
        return offset == end;
    }

    private static Span<byte> Write(Span<byte> target, scoped in PackedBlob blob)
    {
        target[0] = (byte)((blob.Kind == BlobKind.Tree ? EntryType.Tree : EntryType.Data) | (blob.IsCompressed ? EntryType.Compressed : 0));
        target = target[1..];
        BinaryPrimitives.WriteUInt32LittleEndian(target, blob.Length);
        target = target[sizeof(uint)..];
        if (blob.IsCompressed)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, blob.CompressedFrom);
            target = target[sizeof(uint)..];
        }

        blob.Id.CopyTo(target);
        return target[BlobId.Length..];
    }

    private static bool TryRead(ref ReadOnlySpan<byte> plain, long offset, out PackedBlob blob)
    {
        blob = default;
        var type = (EntryType)plain[0];
        var isCompressed = (type & EntryType.Compressed) != 0;
        if (type > (EntryType.Tree | EntryType.Compressed)
            || plain.Length < (isCompressed ? CompressedEntry : PlainEntry)
            || offset > uint.MaxValue)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(plain[1..]);
        plain = plain[(1 + sizeof(uint))..];
        var compressedFrom = 0u;
        if (isCompressed)
        {
            compressedFrom = BinaryPrimitives.ReadUInt32LittleEndian(plain);
            plain = plain[sizeof(uint)..];
        }

        var kind = (type & EntryType.Tree) != 0 ? BlobKind.Tree : BlobKind.Data;
        blob = new PackedBlob(new BlobId(plain[..BlobId.Length]), kind, (uint)offset, length, compressedFrom);
        plain = plain[BlobId.Length..];
        return blob.HasPossibleLengths && (!isCompressed || compressedFrom > 0);
    }
}
