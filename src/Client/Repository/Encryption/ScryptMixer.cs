using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// scryptROMix (RFC 7914 §5): the part of scrypt that takes the time and the memory. A block of 64 bytes is four vectors, which are the
/// diagonals of Salsa20's square, so that a round works on whole vectors. Each step of a round waits for the one before; two blocks that
/// are mixed side by side fill that time. Dispose erases and frees the memory.
/// </summary>
internal sealed unsafe class ScryptMixer : IDisposable
{
    private const int WordsOfBlock = 16, VectorsOfBlock = 4;

    private readonly int _n, _blocks;
    private readonly nuint _vectors, _memoryOfLane;

    // For each lane n + 2 rows of 2·r blocks: the table, and two rows to work in.
    private Vector128<uint>* _memory;

    /// <param name="n">The cost.</param>
    /// <param name="r">The size of a block, in 128 bytes.</param>
    /// <param name="lanes">1, or 2 for <see cref="MixTwo"/>.</param>
    public ScryptMixer(int n, int r, int lanes)
    {
        (_n, _blocks) = (n, 2 * r);
        _vectors = (nuint)_blocks * VectorsOfBlock;
        _memoryOfLane = ((nuint)n + 2) * _vectors;
        Length = (nuint)lanes * _memoryOfLane * (nuint)sizeof(Vector128<uint>);
        _memory = (Vector128<uint>*)NativeMemory.AlignedAlloc(Length, alignment: 64);
    }

    private nuint Length { get; }

    /// <summary>Mixes one block of 128·r bytes in place.</summary>
    public void Mix(Span<byte> block)
    {
        ObjectDisposedException.ThrowIf(_memory is null, this);
        Read(block, _memory);
        for (var i = 0; i < _n; i++)
        {
            MixRow(Row(i), null, Row(i + 1));
        }

        // The two rows after the table take turns; n is even, so the last result is in the first of them.
        for (var i = 0; i < _n; i++)
        {
            var row = Row(_n + (i & 1));
            MixRow(row, Row(Chosen(row)), Row(_n + 1 - (i & 1)));
        }

        Write(Row(_n), block);
    }

    /// <summary>Mixes two blocks of 128·r bytes in place.</summary>
    public void MixTwo(Span<byte> first, Span<byte> second)
    {
        ObjectDisposedException.ThrowIf(_memory is null, this);
        Read(first, _memory);
        Read(second, _memory + _memoryOfLane);
        for (var i = 0; i < _n; i++)
        {
            MixRows(Row(i), null, null, Row(i + 1));
        }

        for (var i = 0; i < _n; i++)
        {
            var row = Row(_n + (i & 1));
            MixRows(row, Row(Chosen(row)), Row(Chosen(row + _memoryOfLane)) + _memoryOfLane, Row(_n + 1 - (i & 1)));
        }

        Write(Row(_n), first);
        Write(Row(_n) + _memoryOfLane, second);
    }

    public void Dispose()
    {
        if (_memory is not null)
        {
            NativeMemory.Clear(_memory, Length);
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }

    private Vector128<uint>* Row(int number) => _memory + ((nuint)number * _vectors);

    private int Chosen(Vector128<uint>* row) => (int)(row[_vectors - VectorsOfBlock].ToScalar() & (uint)(_n - 1));

    /// <summary>
    /// scryptBlockMix of <paramref name="source"/> XOR <paramref name="mask"/>, or of the source alone where that is null.
    /// </summary>
    private void MixRow(Vector128<uint>* source, Vector128<uint>* mask, Vector128<uint>* target)
    {
        var last = _vectors - VectorsOfBlock;
        var (a, b, c, d) = Load(source + last, mask is null ? null : mask + last);
        for (var i = 0; i < _blocks; i++, source += VectorsOfBlock)
        {
            var (a0, b0, c0, d0) = Load(source, mask);
            (a, b, c, d) = (a ^ a0, b ^ b0, c ^ c0, d ^ d0);
            mask = mask is null ? null : mask + VectorsOfBlock;
            (a0, b0, c0, d0) = (a, b, c, d);
            for (var round = 0; round < 4; round++)
            {
                DoubleRound(ref a, ref b, ref c, ref d);
            }

            (a, b, c, d) = (a + a0, b + b0, c + c0, d + d0);
            // Even blocks go to the first half of the row, odd ones to the second.
            var to = target + (((i / 2) + (i % 2 * (_blocks / 2))) * VectorsOfBlock);
            (to[0], to[1], to[2], to[3]) = (a, b, c, d);
        }
    }

    /// <summary>
    /// <see cref="MixRow"/> for both lanes; <paramref name="source"/> and <paramref name="target"/> are those of the first.
    /// </summary>
    private void MixRows(Vector128<uint>* source, Vector128<uint>* mask, Vector128<uint>* otherMask, Vector128<uint>* target)
    {
        var lane = _memoryOfLane;
        var last = _vectors - VectorsOfBlock;
        var (a, b, c, d) = Load(source + last, mask is null ? null : mask + last);
        var (e, f, g, h) = Load(source + lane + last, mask is null ? null : otherMask + last);
        for (var i = 0; i < _blocks; i++, source += VectorsOfBlock)
        {
            var (a0, b0, c0, d0) = Load(source, mask);
            var (e0, f0, g0, h0) = Load(source + lane, otherMask);
            (a, b, c, d) = (a ^ a0, b ^ b0, c ^ c0, d ^ d0);
            (e, f, g, h) = (e ^ e0, f ^ f0, g ^ g0, h ^ h0);
            mask = mask is null ? null : mask + VectorsOfBlock;
            otherMask = otherMask is null ? null : otherMask + VectorsOfBlock;
            (a0, b0, c0, d0) = (a, b, c, d);
            (e0, f0, g0, h0) = (e, f, g, h);
            for (var round = 0; round < 4; round++)
            {
                QuarterRounds(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
                (b, c, d) = (Turn3(b), Turn2(c), Turn1(d));
                (f, g, h) = (Turn3(f), Turn2(g), Turn1(h));
                QuarterRounds(ref a, ref d, ref c, ref b, ref e, ref h, ref g, ref f);
                (b, c, d) = (Turn1(b), Turn2(c), Turn3(d));
                (f, g, h) = (Turn1(f), Turn2(g), Turn3(h));
            }

            (a, b, c, d) = (a + a0, b + b0, c + c0, d + d0);
            (e, f, g, h) = (e + e0, f + f0, g + g0, h + h0);
            var to = target + (((i / 2) + (i % 2 * (_blocks / 2))) * VectorsOfBlock);
            (to[0], to[1], to[2], to[3]) = (a, b, c, d);
            to += lane;
            (to[0], to[1], to[2], to[3]) = (e, f, g, h);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<uint> A, Vector128<uint> B, Vector128<uint> C, Vector128<uint> D) Load(
        Vector128<uint>* block, Vector128<uint>* mask) => mask is null
        ? (block[0], block[1], block[2], block[3])
        : (block[0] ^ mask[0], block[1] ^ mask[1], block[2] ^ mask[2], block[3] ^ mask[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRounds(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d,
        ref Vector128<uint> e, ref Vector128<uint> f, ref Vector128<uint> g, ref Vector128<uint> h)
    {
        b ^= RotateLeft(a + d, 7);
        f ^= RotateLeft(e + h, 7);
        c ^= RotateLeft(b + a, 9);
        g ^= RotateLeft(f + e, 9);
        d ^= RotateLeft(c + b, 13);
        h ^= RotateLeft(g + f, 13);
        a ^= RotateLeft(d + c, 18);
        e ^= RotateLeft(h + g, 18);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DoubleRound(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        QuarterRounds(ref a, ref b, ref c, ref d);
        (b, c, d) = (Turn3(b), Turn2(c), Turn1(d));
        QuarterRounds(ref a, ref d, ref c, ref b);
        (b, c, d) = (Turn1(b), Turn2(c), Turn3(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRounds(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        b ^= RotateLeft(a + d, 7);
        c ^= RotateLeft(b + a, 9);
        d ^= RotateLeft(c + b, 13);
        a ^= RotateLeft(d + c, 18);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RotateLeft(Vector128<uint> value, int count) => (value << count) | (value >>> (32 - count));

    private static Vector128<uint> Turn1(Vector128<uint> value) => Vector128.Shuffle(value, Vector128.Create(1u, 2, 3, 0));

    private static Vector128<uint> Turn2(Vector128<uint> value) => Vector128.Shuffle(value, Vector128.Create(2u, 3, 0, 1));

    private static Vector128<uint> Turn3(Vector128<uint> value) => Vector128.Shuffle(value, Vector128.Create(3u, 0, 1, 2));

    // Word i of a block in memory is word 5·i modulo 16 of Salsa20's square: the diagonals become vectors.
    private void Read(ReadOnlySpan<byte> source, Vector128<uint>* target)
    {
        var words = (uint*)target;
        for (var i = 0; i < _blocks * WordsOfBlock; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(source[(PlaceOf(i) * sizeof(uint))..]);
        }
    }

    private void Write(Vector128<uint>* source, Span<byte> target)
    {
        var words = (uint*)source;
        for (var i = 0; i < _blocks * WordsOfBlock; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target[(PlaceOf(i) * sizeof(uint))..], words[i]);
        }
    }

    private static int PlaceOf(int word) => (word & -WordsOfBlock) + (word * 5 % WordsOfBlock);
}
