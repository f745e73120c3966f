using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// AES by the processor's instructions. One instruction takes three or four cycles and two start per cycle, so counter mode works on eight
/// blocks at once: that many keep the unit busy and still fit the registers.
/// </summary>
internal sealed class IntrinsicAes<TRounds> : AesCipher
    where TRounds : IAesRounds
{
    private const int BlocksAtOnce = 8, BatchSize = BlocksAtOnce * BlockSize;

    // Pinned, so that the collector leaves no copies that Dispose cannot erase.
    private readonly Vector128<byte>[] _keys;
    private readonly int _rounds;

    public IntrinsicAes(ReadOnlySpan<byte> key)
    {
        _rounds = (key.Length / sizeof(uint)) + 6;
        _keys = GC.AllocateArray<Vector128<byte>>(_rounds + 1, pinned: true);
        Expand(key, MemoryMarshal.Cast<Vector128<byte>, uint>(_keys.AsSpan()));
    }

    public override void EncryptBlock(ReadOnlySpan<byte> source, Span<byte> target) =>
        EncryptBlock(Vector128.Create(source)).CopyTo(target);

    public override void ApplyKeyStream(UInt128 counter, ReadOnlySpan<byte> source, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, source.Length);
        var at = 0;
        while (source.Length - at >= BlockSize)
        {
            // A batch makes its counters by additions to the low half, which must not overflow.
            var batches = (int)Math.Min((ulong)(source.Length - at) / BatchSize, (ulong.MaxValue - (ulong)counter) / BlocksAtOnce);
            if (batches == 0)
            {
                TransformBlock(counter++, source[at..], target[at..]);
                at += BlockSize;
                continue;
            }

            var length = batches * BatchSize;
            TransformBatches(counter, source.Slice(at, length), target.Slice(at, length));
            counter += (uint)(batches * BlocksAtOnce);
            at += length;
        }

        if (at < source.Length)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            source[at..].CopyTo(last);
            TransformBlock(counter, last, last);
            last[..(source.Length - at)].CopyTo(target[at..]);
            CryptographicOperations.ZeroMemory(last);
        }
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_keys.AsSpan()));

    private void TransformBlock(UInt128 counter, ReadOnlySpan<byte> source, Span<byte> target)
    {
        Unsafe.SkipInit(out Vector128<byte> block);
        BinaryPrimitives.WriteUInt128BigEndian(MemoryMarshal.AsBytes(new Span<Vector128<byte>>(ref block)), counter);
        (EncryptBlock(block) ^ Vector128.Create(source)).CopyTo(target);
    }

    private Vector128<byte> EncryptBlock(Vector128<byte> block)
    {
        ref var keys = ref MemoryMarshal.GetArrayDataReference(_keys);
        block = TRounds.Begin(block, ref keys);
        for (var round = 1; round < _rounds; round++)
        {
            block = TRounds.Round(block, ref keys, round);
        }

        return TRounds.LastRound(block, ref keys, _rounds);
    }

    /// <summary>Whole batches, in which the low half of the counter doesn't overflow.</summary>
    private void TransformBatches(UInt128 counter, ReadOnlySpan<byte> source, Span<byte> target)
    {
        ref var keys = ref MemoryMarshal.GetArrayDataReference(_keys);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        var rounds = _rounds;
        var next = Vector128.Create((ulong)counter, (ulong)(counter >> 64));
        var one = Vector128.CreateScalar(1UL);
        for (nuint at = 0; at < (nuint)source.Length; at += BatchSize)
        {
            var b0 = TRounds.Begin(TRounds.Reverse(next), ref keys);
            var b1 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b2 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b3 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b4 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b5 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b6 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            var b7 = TRounds.Begin(TRounds.Reverse(next += one), ref keys);
            next += one;
            for (var round = 1; round < rounds; round++)
            {
                b0 = TRounds.Round(b0, ref keys, round);
                b1 = TRounds.Round(b1, ref keys, round);
                b2 = TRounds.Round(b2, ref keys, round);
                b3 = TRounds.Round(b3, ref keys, round);
                b4 = TRounds.Round(b4, ref keys, round);
                b5 = TRounds.Round(b5, ref keys, round);
                b6 = TRounds.Round(b6, ref keys, round);
                b7 = TRounds.Round(b7, ref keys, round);
            }

            Store(TRounds.LastRound(b0, ref keys, rounds), ref from, ref to, at);
            Store(TRounds.LastRound(b1, ref keys, rounds), ref from, ref to, at + BlockSize);
            Store(TRounds.LastRound(b2, ref keys, rounds), ref from, ref to, at + (2 * BlockSize));
            Store(TRounds.LastRound(b3, ref keys, rounds), ref from, ref to, at + (3 * BlockSize));
            Store(TRounds.LastRound(b4, ref keys, rounds), ref from, ref to, at + (4 * BlockSize));
            Store(TRounds.LastRound(b5, ref keys, rounds), ref from, ref to, at + (5 * BlockSize));
            Store(TRounds.LastRound(b6, ref keys, rounds), ref from, ref to, at + (6 * BlockSize));
            Store(TRounds.LastRound(b7, ref keys, rounds), ref from, ref to, at + (7 * BlockSize));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<byte> stream, ref byte from, ref byte to, nuint at) =>
        (stream ^ Vector128.LoadUnsafe(ref from, at)).StoreUnsafe(ref to, at);

    /// <summary>The key schedule of FIPS 197. Words are read little-endian, as the processors of both families keep them.</summary>
    private static void Expand(ReadOnlySpan<byte> key, Span<uint> words)
    {
        key.CopyTo(MemoryMarshal.AsBytes(words));
        var (keyWords, constant) = (key.Length / sizeof(uint), 1u);
        for (var i = keyWords; i < words.Length; i++)
        {
            var word = words[i - 1];
            if (i % keyWords == 0)
            {
                word = TRounds.Substitute(BitOperations.RotateRight(word, 8)) ^ constant;
                constant = (constant << 1) ^ ((constant >> 7) * 0x11b);
            }
            else if (keyWords == 8 && i % keyWords == 4)
            {
                word = TRounds.Substitute(word);
            }

            words[i] = words[i - keyWords] ^ word;
        }
    }
}
