using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>The part of Poly1305 that works on several blocks at once, chosen when the program runs.</summary>
internal abstract class Poly1305Vectors : IDisposable
{
    /// <summary>Bytes of one step.</summary>
    public abstract int Width { get; }

    /// <summary>Adds one or more whole steps.</summary>
    public abstract void Add(ref Poly1305Sum sum, ReadOnlySpan<byte> blocks);

    public abstract void Dispose();
}

/// <summary>
/// Poly1305 on n lanes: lane k sums every n-th block and multiplies by rⁿ, and at the end the lanes are multiplied by rⁿ … r and added up.
/// Numbers are five limbs of 26 bits, one limb of all lanes per vector: products of limbs fit 64 bits without carries.
/// </summary>
internal sealed class Poly1305Vectors<T> : Poly1305Vectors
    where T : struct, IPoly1305Lanes<T>
{
    // rⁿ in every lane, then the power that each lane ends with: 5 limbs each, followed by 5 times the limbs 1 to 4.
    private const int LimbsOfPower = 9;
    private readonly T[] _powers = GC.AllocateArray<T>(2 * LimbsOfPower, pinned: true);

    public Poly1305Vectors(ulong r0, ulong r1)
    {
        // The powers of the lanes, highest first, as blocks: so each limb comes into the lane of its block.
        Span<ulong> limbs = stackalloc ulong[2 * T.Count];
        ref var blocks = ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetReference(limbs));
        for (var limb = 0; limb < 5; limb++)
        {
            var power = default(Poly1305Sum);
            power.AddBlock(new UInt128(r1, r0), 0);
            for (var lane = T.Count - 1; ; lane--)
            {
                limbs[2 * lane] = power.Limb(limb);
                if (lane == 0)
                {
                    break;
                }

                power.Multiply(r0, r1, r1 + (r1 >> 2));
            }

            SetLimb(0, limb, T.All(limbs[0]));
            SetLimb(LimbsOfPower, limb, T.Load(ref blocks, 0).Low);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(limbs));
    }

    public override int Width => T.Count * Poly1305.BlockSize;

    public override void Add(ref Poly1305Sum sum, ReadOnlySpan<byte> blocks)
    {
        ref var bytes = ref MemoryMarshal.GetReference(blocks);
        ref var step = ref MemoryMarshal.GetArrayDataReference(_powers);
        var h = Load(ref bytes, 0);
        h = new Limbs(
            h.L0 + T.First(sum.Limb(0)), h.L1 + T.First(sum.Limb(1)), h.L2 + T.First(sum.Limb(2)), h.L3 + T.First(sum.Limb(3)),
            h.L4 + T.First(sum.Limb(4)));
        var width = (nuint)Width;
        for (var at = width; at < (nuint)blocks.Length; at += width)
        {
            var (product, next) = (Multiply(h, ref step), Load(ref bytes, at));
            h = new Limbs(
                product.L0 + next.L0, product.L1 + next.L1, product.L2 + next.L2, product.L3 + next.L3, product.L4 + next.L4);
        }

        h = Multiply(h, ref Unsafe.Add(ref step, LimbsOfPower));
        sum = Poly1305Sum.FromLimbs(h.L0.Sum, h.L1.Sum, h.L2.Sum, h.L3.Sum, h.L4.Sum);
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_powers.AsSpan()));

    private void SetLimb(int at, int limb, T lanes)
    {
        _powers[at + limb] = lanes;
        if (limb > 0)
        {
            _powers[at + 4 + limb] = lanes * T.All(5);
        }
    }

    /// <summary>Blocks as limbs, each with the bit 2¹²⁸ above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Limbs Load(ref byte bytes, nuint at)
    {
        var (low, high) = T.Load(ref bytes, at);
        var mask = T.All((1UL << 26) - 1);
        return new Limbs(
            low & mask, (low >>> 26) & mask, ((low >>> 52) | (high << 12)) & mask, (high >>> 14) & mask, (high >>> 40) | T.All(1UL << 24));
    }

    /// <summary>Multiplies lane by lane and carries, so that the limbs are below 2²⁶ + 2⁸ again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Limbs Multiply(Limbs h, ref T power)
    {
        var (r0, r1, r2) = (power, Unsafe.Add(ref power, 1), Unsafe.Add(ref power, 2));
        var (r3, r4, s1) = (Unsafe.Add(ref power, 3), Unsafe.Add(ref power, 4), Unsafe.Add(ref power, 5));
        var (s2, s3, s4) = (Unsafe.Add(ref power, 6), Unsafe.Add(ref power, 7), Unsafe.Add(ref power, 8));
        var d0 = (h.L0 * r0) + (h.L1 * s4) + (h.L2 * s3) + (h.L3 * s2) + (h.L4 * s1);
        var d1 = (h.L0 * r1) + (h.L1 * r0) + (h.L2 * s4) + (h.L3 * s3) + (h.L4 * s2);
        var d2 = (h.L0 * r2) + (h.L1 * r1) + (h.L2 * r0) + (h.L3 * s4) + (h.L4 * s3);
        var d3 = (h.L0 * r3) + (h.L1 * r2) + (h.L2 * r1) + (h.L3 * r0) + (h.L4 * s4);
        var d4 = (h.L0 * r4) + (h.L1 * r3) + (h.L2 * r2) + (h.L3 * r1) + (h.L4 * r0);

        // Two chains at once, 3 → 4 → 0 → 1 and 0 → 1 → 2 → 3 → 4: half the latency of one.
        var mask = T.All((1UL << 26) - 1);
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

    private readonly record struct Limbs(T L0, T L1, T L2, T L3, T L4);
}
