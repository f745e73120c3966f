using System.Buffers.Binary;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>The 64 hex digits of a file's name in 32 bytes: a transfer holds all names of a bucket in memory.</summary>
internal readonly record struct FileId(ulong A, ulong B, ulong C, ulong D)
{
    public const int Size = 32;

    public static FileId Parse(string id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Convert.FromHexString(id, bytes, out _, out _);
        return Read(bytes);
    }

    public static FileId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
