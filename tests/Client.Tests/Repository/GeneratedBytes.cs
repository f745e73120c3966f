using System.Buffers.Binary;

namespace Halley.Client.Tests.Repository;

/// <summary>The bytes on which the vectors of the repository format are computed: xorshift64* from a fixed start.</summary>
internal static class GeneratedBytes
{
    public static byte[] Create(int length)
    {
        var bytes = new byte[(length + 7) & ~7];
        var state = 0x0123456789abcdefUL;
        for (var at = 0; at < bytes.Length; at += sizeof(ulong))
        {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), unchecked(state * 0x2545f4914f6cdd1d));
        }

        return bytes[..length];
    }
}
