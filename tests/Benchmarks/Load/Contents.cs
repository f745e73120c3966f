using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Halley.Benchmarks.Load;

/// <summary>
/// Contents of a round's files, made before anything is measured. Each is a stamp of its own followed by random bytes that all
/// share, so that a gigabyte of different files needs no gigabyte of memory.
/// </summary>
internal sealed class Contents
{
    public const int StampSize = 16;

    private readonly byte[] _stamps;
    private readonly byte[] _tail;

    public Contents(int size, int count)
    {
        Size = size;
        _tail = RandomNumberGenerator.GetBytes(size - StampSize);
        _stamps = RandomNumberGenerator.GetBytes(count * StampSize);
        Names = new string[count];
        Parallel.For(0, count, index =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(_stamps.AsSpan(index * StampSize), index);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(StampOf(index));
            hash.AppendData(_tail);
            Names[index] = Convert.ToHexStringLower(hash.GetHashAndReset());
        });
    }

    public int Size { get; }

    public int Count => Names.Length;

    /// <summary>SHA-256 of each content.</summary>
    public string[] Names { get; }

    public ReadOnlySpan<byte> Tail => _tail;

    public ReadOnlySpan<byte> StampOf(int index) => _stamps.AsSpan(index * StampSize, StampSize);
}
