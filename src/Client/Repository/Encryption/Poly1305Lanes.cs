using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// Poly1305 on four lanes by AVX2: lane k sums every fourth block and multiplies by r⁴, and at the end the lanes are multiplied by r⁴, r³, r²
/// and r and added up. Numbers are five limbs of 26 bits, one limb of all lanes per vector: products of limbs fit 64 bits without carries.
/// </summary>
internal sealed class Poly1305Lanes : IDisposable
{
    /// <summary>Bytes of one step.</summary>
    public const int Width = 4 * Poly1305.BlockSize;

    // r⁴ in every lane, then the power that each lane ends with: 5 limbs each, followed by 5 times the limbs 1 to 4.
    private const int LimbsOfPower = 9;
    private readonly Vector256<ulong>[] _powers = GC.AllocateArray<Vector256<ulong>>(2 * LimbsOfPower, pinned: true);

    public Poly1305Lanes(ulong r0, ulong r1)
    {
        Span<Poly1305Sum> powers = stackalloc Poly1305Sum[5];
        powers[1].AddBlock(new UInt128(r1, r0), 0);
        for (var i = 2; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1];
            powers[i].Multiply(r0, r1, r1 + (r1 >> 2));
        }

        SetPower(0, powers[4], powers[4], powers[4], powers[4]);
        // Load() puts the blocks 0, 2, 1, 3 into the lanes.
        SetPower(LimbsOfPower, powers[4], powers[2], powers[3], powers[1]);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(powers));
    }

    /// <summary>Adds one or more whole steps of <see cref="Width"/> bytes.</summary>
    public void Add(ref Poly1305Sum sum, ReadOnlySpan<byte> blocks)
    {
        ref var bytes = ref MemoryMarshal.GetReference(blocks);
        ref var step = ref MemoryMarshal.GetArrayDataReference(_powers);
        var (l0, l1, l2, l3, l4) = sum.ToLimbs();
        var h = new Limbs(
            Vector256.CreateScalar((ulong)l0), Vector256.CreateScalar((ulong)l1), Vector256.CreateScalar((ulong)l2),
            Vector256.CreateScalar((ulong)l3), Vector256.CreateScalar((ulong)l4));
        h = Plus(h, Load(ref bytes, 0));
        for (nuint at = Width; at < (nuint)blocks.Length; at += Width)
        {
            h = Plus(Multiply(h, ref step), Load(ref bytes, at));
        }

        h = Multiply(h, ref Unsafe.Add(ref step, LimbsOfPower));
        sum = Poly1305Sum.FromLimbs(
            Vector256.Sum(h.L0), Vector256.Sum(h.L1), Vector256.Sum(h.L2), Vector256.Sum(h.L3), Vector256.Sum(h.L4));
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_powers.AsSpan()));

    private void SetPower(int at, Poly1305Sum lane0, Poly1305Sum lane1, Poly1305Sum lane2, Poly1305Sum lane3)
    {
        var (a, b, c, d) = (lane0.ToLimbs(), lane1.ToLimbs(), lane2.ToLimbs(), lane3.ToLimbs());
        ReadOnlySpan<Vector256<ulong>> limbs =
        [
            Vector256.Create(a.L0, b.L0, c.L0, (ulong)d.L0),
            Vector256.Create(a.L1, b.L1, c.L1, (ulong)d.L1),
            Vector256.Create(a.L2, b.L2, c.L2, (ulong)d.L2),
            Vector256.Create(a.L3, b.L3, c.L3, (ulong)d.L3),
            Vector256.Create(a.L4, b.L4, c.L4, (ulong)d.L4),
        ];
        limbs.CopyTo(_powers.AsSpan(at));
        for (var i = 1; i < limbs.Length; i++)
        {
            _powers[at + 4 + i] = limbs[i] * 5;
        }
    }

    /// <summary>Four blocks as limbs, each with the bit 2¹²⁸ above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Limbs Load(ref byte bytes, nuint at)
    {
        var first = Vector256.LoadUnsafe(ref bytes, at).AsUInt64();
        var second = Vector256.LoadUnsafe(ref bytes, at + (Width / 2)).AsUInt64();
        var (low, high) = (Avx2.UnpackLow(first, second), Avx2.UnpackHigh(first, second));
        var mask = Vector256.Create((1UL << 26) - 1);
        return new Limbs(
            low & mask, (low >>> 26) & mask, ((low >>> 52) | (high << 12)) & mask, (high >>> 14) & mask,
            (high >>> 40) | Vector256.Create(1UL << 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Limbs Plus(Limbs a, Limbs b) => new(a.L0 + b.L0, a.L1 + b.L1, a.L2 + b.L2, a.L3 + b.L3, a.L4 + b.L4);

    /// <summary>Multiplies lane by lane and carries, so that the limbs are below 2²⁶ + 2⁸ again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Limbs Multiply(Limbs h, ref Vector256<ulong> power)
    {
        var (r0, r1, r2) = (power, Unsafe.Add(ref power, 1), Unsafe.Add(ref power, 2));
        var (r3, r4, s1) = (Unsafe.Add(ref power, 3), Unsafe.Add(ref power, 4), Unsafe.Add(ref power, 5));
        var (s2, s3, s4) = (Unsafe.Add(ref power, 6), Unsafe.Add(ref power, 7), Unsafe.Add(ref power, 8));
        var d0 = Times(h.L0, r0) + Times(h.L1, s4) + Times(h.L2, s3) + Times(h.L3, s2) + Times(h.L4, s1);
        var d1 = Times(h.L0, r1) + Times(h.L1, r0) + Times(h.L2, s4) + Times(h.L3, s3) + Times(h.L4, s2);
        var d2 = Times(h.L0, r2) + Times(h.L1, r1) + Times(h.L2, r0) + Times(h.L3, s4) + Times(h.L4, s3);
        var d3 = Times(h.L0, r3) + Times(h.L1, r2) + Times(h.L2, r1) + Times(h.L3, r0) + Times(h.L4, s4);
        var d4 = Times(h.L0, r4) + Times(h.L1, r3) + Times(h.L2, r2) + Times(h.L3, r1) + Times(h.L4, r0);

        // Two chains at once, 3 → 4 → 0 → 1 and 0 → 1 → 2 → 3 → 4: half the latency of one.
        var mask = Vector256.Create((1UL << 26) - 1);
        (d4, d3) = (d4 + (d3 >>> 26), d3 & mask);
        (d1, d0) = (d1 + (d0 >>> 26), d0 & mask);
        var top = d4 >>> 26;
        (d0, d4) = (d0 + top + (top << 2), d4 & mask);
        (d2, d1) = (d2 + (d1 >>> 26), d1 & mask);
        (d3, d2) = (d3 + (d2 >>> 26), d2 & mask);
        (d1, d0) = (d1 + (d0 >>> 26), d0 & mask);
        (d4, d3) = (d4 + (d3 >>> 26), d3 & mask);
        return new Limbs(d0, d1, d2, d3, d4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Times(Vector256<ulong> a, Vector256<ulong> b) => Avx2.Multiply(a.AsUInt32(), b.AsUInt32());

    private readonly record struct Limbs(
        Vector256<ulong> L0, Vector256<ulong> L1, Vector256<ulong> L2, Vector256<ulong> L3, Vector256<ulong> L4);
}
