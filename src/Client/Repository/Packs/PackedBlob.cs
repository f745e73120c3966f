using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>The entry of a blob in a pack's header or in an index.</summary>
/// <param name="Id">SHA-256 of its plain text.</param>
/// <param name="Kind">Data or tree.</param>
/// <param name="Offset">Its position in the pack, in bytes.</param>
/// <param name="Length">Bytes in the pack, compressed (if it is) and sealed.</param>
/// <param name="CompressedFrom">Length of the plain text in bytes when it is compressed; 0 when it is stored uncompressed.</param>
public readonly record struct PackedBlob(BlobId Id, BlobKind Kind, uint Offset, uint Length, uint CompressedFrom)
{
    /// <summary>True when it is a zstd frame.</summary>
    public bool IsCompressed => CompressedFrom != 0;

    /// <summary>Length of its plain text in bytes.</summary>
    public uint PlainLength => IsCompressed ? CompressedFrom : Length - VaultKey.Overhead;

    /// <summary>Where the next blob begins.</summary>
    public long End => (long)Offset + Length;

    /// <summary>False for lengths that no blob can have.</summary>
    internal bool HasPossibleLengths =>
        Length >= VaultKey.Overhead + (IsCompressed ? 1 : 0) && Length <= BlobDecoder.LongestTree && End <= uint.MaxValue
        && PlainLength <= (Kind == BlobKind.Tree ? BlobDecoder.LongestTree : BlobDecoder.LongestData);
}
