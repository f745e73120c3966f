using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Halley.Client.Repository.Encryption;

/// <summary>The running sum of a message: h0 + 2⁶⁴·h1 + 2¹²⁸·h2, not fully reduced modulo p = 2¹³⁰ − 5, with h2 ≤ 4.</summary>
internal struct Poly1305Sum
{
    private ulong _h0, _h1, _h2;

    /// <summary>The sum of five limbs of 26 bits, each of which may be larger than that by up to 2³⁷.</summary>
    public static Poly1305Sum FromLimbs(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        var sum = default(Poly1305Sum);
        sum._h0 = l0;
        sum.AddShifted(l1, 26);
        sum.AddShifted(l2, 52);
        sum.AddShifted(l3, 78);
        sum.AddShifted(l4, 104);
        sum.Reduce();
        return sum;
    }

    /// <summary>One of the five limbs of 26 bits of which the sum consists. The last one may be larger.</summary>
    public readonly ulong Limb(int number)
    {
        const uint Mask = (1 << 26) - 1;
        return number switch
        {
            0 => _h0 & Mask,
            1 => (_h0 >> 26) & Mask,
            2 => ((_h0 >> 52) | (_h1 << 12)) & Mask,
            3 => (_h1 >> 14) & Mask,
            _ => (_h1 >> 40) | (_h2 << 24),
        };
    }

    /// <summary>Adds a block and the bit above it, 2¹²⁸·<paramref name="above"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddBlock(UInt128 block, uint above)
    {
        var low = (UInt128)_h0 + (ulong)block;
        var high = (UInt128)_h1 + (ulong)(block >> 64) + (ulong)(low >> 64);
        (_h0, _h1) = ((ulong)low, (ulong)high);
        _h2 += (ulong)(high >> 64) + above;
    }

    /// <summary>Multiplies by r = r0 + 2⁶⁴·r1; s1 = r1·5/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(ulong r0, ulong r1, ulong s1)
    {
        var low = Math.BigMul(_h0, r0) + Math.BigMul(_h1, s1);
        var high = Math.BigMul(_h0, r1) + Math.BigMul(_h1, r0) + (_h2 * s1) + (ulong)(low >> 64);
        (_h0, _h1) = ((ulong)low, (ulong)high);
        _h2 = (_h2 * r0) + (ulong)(high >> 64);
        Reduce();
    }

    /// <summary>Reduces the sum completely, adds s and writes the 16 bytes of the authenticator.</summary>
    public readonly void Finish(ReadOnlySpan<byte> s, Span<byte> tag)
    {
        var h = new UInt128(_h1, _h0);
        var reduced = h + 5;
        // The sum is p or more exactly when adding 5 reaches 2¹³⁰: then the low bits after the addition are the reduced sum.
        var carry = ((_h2 + (reduced < h ? 1UL : 0UL)) >> 2) & 1;
        var mask = UInt128.Zero - carry;
        h = (h & ~mask) | (reduced & mask);
        BinaryPrimitives.WriteUInt128LittleEndian(tag, h + BinaryPrimitives.ReadUInt128LittleEndian(s));
    }

    // 2¹³⁰ is 5 modulo p: the part above bit 130 is added at the bottom as 5 times itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reduce()
    {
        var low = (UInt128)_h0 + ((_h2 >> 2) + (_h2 & ~3UL));
        var high = (UInt128)_h1 + (ulong)(low >> 64);
        (_h0, _h1) = ((ulong)low, (ulong)high);
        _h2 = (_h2 & 3) + (ulong)(high >> 64);
    }

    private void AddShifted(ulong limb, int shift)
    {
        var (value, h) = ((UInt128)limb << shift, new UInt128(_h1, _h0));
        var sum = h + value;
        _h2 += (sum < h ? 1UL : 0UL) + (shift > 64 ? limb >> (128 - shift) : 0);
        (_h0, _h1) = ((ulong)sum, (ulong)(sum >> 64));
    }
}
