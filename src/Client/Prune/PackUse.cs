using Halley.Client.Repository.Packs;

namespace Halley.Client.Prune;

/// <summary>What becomes of a pack.</summary>
internal enum PackFate : byte
{
    Keep,
    Repack,
    Delete,
    Missing,
}

/// <summary>How much of a pack is used, in bytes of blobs and their entries in its header.</summary>
internal struct PackUse
{
    /// <summary>Bytes of the file; −1 when it does not exist.</summary>
    public long StoredSize;

    /// <summary>Bytes that the file must have.</summary>
    public long Size;

    public long UsedBytes;

    public int UsedBlobs;

    public bool HasData;

    public bool HasTrees;

    /// <summary>A used blob is to be compressed and is not.</summary>
    public bool MustCompress;

    public PackFate Fate;

    public readonly bool IsGood => StoredSize == Size;

    public readonly long UnusedBytes => Size - UsedBytes - EmptySize;

    private static long EmptySize { get; } = PackHeader.SizeOfPack([]);

    public static long SizeOf(in PackedBlob blob) => blob.Length + PackHeader.SizeOf(blob);
}
