using Halley.Client.Repository.Chunking;
using Halley.Client.Repository.Compression;
using Halley.Client.Repository.Encryption;

namespace Halley.Client.Repository.Packs;

/// <summary>
/// Buffers that are reused from blob to blob. One that outgrows small files gets room for the longest chunk at once: the system gives
/// memory only to pages that are written to, while growing step by step leaves a trail of large arrays for the garbage collector.
/// </summary>
internal static class WorkBuffer
{
    private const int Small = 64 << 10;
    private static readonly int LongestChunk = ZstdCompressor.Bound(Chunker.MaxSize) + VaultKey.Overhead + 1;

    /// <summary>Makes a buffer at least so long. The old content is lost.</summary>
    public static byte[] Grow(ref byte[] buffer, int length) => buffer.Length >= length
        ? buffer
        : buffer = GC.AllocateUninitializedArray<byte>(
            length <= Small ? Small
            : length <= LongestChunk ? LongestChunk
            : (int)Math.Min(length + (length / 8L), Array.MaxLength));
}
