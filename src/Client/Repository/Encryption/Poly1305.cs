using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Encryption;

/// <summary>
/// The authenticator Poly1305 (RFC 8439 §2.5) with a fixed r and an s per message. Values that depend on r alone are computed once. Safe
/// for any number of threads at once; Dispose erases r.
/// </summary>
/// <remarks>
/// The sum is kept as h0 + 2⁶⁴·h1 + 2¹²⁸·h2 modulo p = 2¹³⁰ − 5 with h2 ≤ 4 between the steps. Everything runs in constant time.
/// </remarks>
internal sealed class Poly1305 : IDisposable
{
    public const int BlockSize = 16;

    // Below this the conversion into vectors and back costs more than it saves.
    private const int ShortestForVectors = 16 * BlockSize;

    // The bits of r that may be set.
    private static readonly UInt128 Allowed = new(0x0ffffffc0ffffffc, 0x0ffffffc0fffffff);

    private readonly Factor[] _factor = GC.AllocateArray<Factor>(1, pinned: true);
    private readonly Poly1305Vectors? _vectors;

    /// <summary>Uses the widest vectors of this processor, or none without <paramref name="intrinsics"/>.</summary>
    public Poly1305(ReadOnlySpan<byte> r, bool intrinsics)
        : this(r, !intrinsics ? 1 : Avx2.IsSupported ? Avx2Lanes.Count : Sse2.IsSupported ? Sse2Lanes.Count : 1)
    {
    }

    internal Poly1305(ReadOnlySpan<byte> r, int lanes)
    {
        var clamped = BinaryPrimitives.ReadUInt128LittleEndian(r) & Allowed;
        var (r0, r1) = ((ulong)clamped, (ulong)(clamped >> 64));
        // The low two bits of r1 are clear, so that 2¹²⁸·r1 = 2¹³⁰·r1/4 is 5·r1/4 = r1 + r1/4 modulo p without a remainder.
        _factor[0] = new Factor(r0, r1, r1 + (r1 >> 2));
        _vectors = lanes switch
        {
            4 => new Poly1305Vectors<Avx2Lanes>(r0, r1),
            2 => new Poly1305Vectors<Sse2Lanes>(r0, r1),
            _ => null,
        };
    }

    /// <summary>Clears the bits of r that may not be set.</summary>
    public static void Clamp(Span<byte> r) =>
        BinaryPrimitives.WriteUInt128LittleEndian(r, BinaryPrimitives.ReadUInt128LittleEndian(r) & Allowed);

    /// <summary>The authenticator of one message.</summary>
    public void ComputeTag(ReadOnlySpan<byte> message, ReadOnlySpan<byte> s, Span<byte> tag)
    {
        var sum = default(Poly1305Sum);
        Add(ref sum, message);
        sum.Finish(s, tag);
    }

    /// <summary>Adds a part of a message. Only the last part may be of a length that is no multiple of <see cref="BlockSize"/>.</summary>
    public void Add(ref Poly1305Sum sum, ReadOnlySpan<byte> part)
    {
        if (_vectors is not null && part.Length >= ShortestForVectors)
        {
            var length = part.Length & -_vectors.Width;
            _vectors.Add(ref sum, part[..length]);
            part = part[length..];
        }

        var (r0, r1, s1) = _factor[0];
        foreach (var block in MemoryMarshal.Cast<byte, UInt128>(part))
        {
            sum.AddBlock(LittleEndian(block), 1);
            sum.Multiply(r0, r1, s1);
        }

        part = part[(part.Length & -BlockSize)..];
        if (!part.IsEmpty)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            last.Clear();
            part.CopyTo(last);
            last[part.Length] = 1;
            sum.AddBlock(BinaryPrimitives.ReadUInt128LittleEndian(last), 0);
            sum.Multiply(r0, r1, s1);
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_factor.AsSpan()));
        _vectors?.Dispose();
    }

    private static UInt128 LittleEndian(UInt128 block) => BitConverter.IsLittleEndian ? block : BinaryPrimitives.ReverseEndianness(block);

    private readonly record struct Factor(ulong R0, ulong R1, ulong S1);
}
