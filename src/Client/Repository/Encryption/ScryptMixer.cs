using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// scryptROMix (RFC 7914 §5): the part of scrypt that takes the time and the memory. A block of 64 bytes is four vectors, which are the
/// diagonals of Salsa20's square, so that a round works on whole vectors. Dispose erases and frees the memory.
/// </summary>
internal sealed unsafe class ScryptMixer : IDisposable
{
    private const int WordsOfBlock = 16, VectorsOfBlock = 4;

    private readonly int _n, _blocks;
    private readonly nuint _vectors;

    // n + 2 rows of 2·r blocks: the table, and two rows to work in.
    private Vector128<uint>* _memory;

    public ScryptMixer(int n, int r)
    {
        (_n, _blocks) = (n, 2 * r);
        _vectors = (nuint)_blocks * VectorsOfBlock;
        _memory = (Vector128<uint>*)NativeMemory.AlignedAlloc(Length, alignment: 64);
    }

    private nuint Length => ((nuint)_n + 2) * _vectors * (nuint)sizeof(Vector128<uint>);

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
            var chosen = row[_vectors - VectorsOfBlock].ToScalar() & (uint)(_n - 1);
            MixRow(row, Row((int)chosen), Row(_n + 1 - (i & 1)));
        }

        Write(Row(_n), block);
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

    /// <summary>
    /// scryptBlockMix of <paramref name="source"/> XOR <paramref name="mask"/>, or of the source alone where that is null.
    /// </summary>
    private void MixRow(Vector128<uint>* source, Vector128<uint>* mask, Vector128<uint>* target)
    {
        var last = source + (_vectors - VectorsOfBlock);
        var (a, b, c, d) = (last[0], last[1], last[2], last[3]);
        if (mask is not null)
        {
            var lastMask = mask + (_vectors - VectorsOfBlock);
            (a, b, c, d) = (a ^ lastMask[0], b ^ lastMask[1], c ^ lastMask[2], d ^ lastMask[3]);
        }

        for (var i = 0; i < _blocks; i++, source += VectorsOfBlock)
        {
            (a, b, c, d) = (a ^ source[0], b ^ source[1], c ^ source[2], d ^ source[3]);
            if (mask is not null)
            {
                (a, b, c, d) = (a ^ mask[0], b ^ mask[1], c ^ mask[2], d ^ mask[3]);
                mask += VectorsOfBlock;
            }

            var (a0, b0, c0, d0) = (a, b, c, d);
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
