using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Halley.Client.Repository.Chunking;

/// <summary>
/// Finds where a file is cut into chunks: after at least 512 KiB, where the Rabin fingerprint of the last 64 bytes ends in 20 zero bits,
/// and at 8 MiB at the latest. Two files that have a long part in common have chunks in common. Keeps no state of a file: safe for any
/// number of threads at once.
/// </summary>
/// <remarks>
/// The fingerprint of bytes b₀…b₆₃ is (b₀·x⁵⁰⁴ + … + b₆₃) mod P. One step forward multiplies by x⁸, takes the oldest byte out and the new
/// one in; it has to wait for a look-up in a table that depends on the step before. Since nothing but 64 bytes counts, the scan runs on
/// four places at once and hides that wait.
/// </remarks>
public sealed class Chunker
{
    /// <summary>The fewest bytes of a chunk, except at the end of a file.</summary>
    public const int MinSize = 512 * 1024;

    /// <summary>The most bytes of a chunk.</summary>
    public const int MaxSize = 8 * 1024 * 1024;

    private const int Window = 64;
    private const ulong CutMask = (1 << 20) - 1;
    private const int TopByte = ChunkerPolynomial.Degree - 8;

    // A lane starts with the 64 bytes before it, and a hit costs a second look at all lanes: either wastes less than two per cent.
    private const int Lane = 4096;

    // First the table that reduces a byte shifted above the degree, then the table that removes the oldest byte after the shift.
    private readonly ulong[] _tables = new ulong[512];

    /// <summary>Prepares the tables of a repository's polynomial.</summary>
    /// <exception cref="ArgumentException">The polynomial is reducible, or not of degree 53.</exception>
    public Chunker(ulong polynomial)
    {
        if (!ChunkerPolynomial.IsValid(polynomial))
        {
            throw new ArgumentException(
                $"{polynomial:x} is no irreducible polynomial of degree {ChunkerPolynomial.Degree}.", nameof(polynomial));
        }

        // x⁵¹² = (x⁶⁴)⁸
        var oldest = ChunkerPolynomial.Modulo(1UL << 63, polynomial);
        oldest = ChunkerPolynomial.MultiplyModulo(oldest, 2, polynomial);
        for (var i = 0; i < 3; i++)
        {
            oldest = ChunkerPolynomial.MultiplyModulo(oldest, oldest, polynomial);
        }

        for (var b = 0UL; b < 256; b++)
        {
            var shifted = b << ChunkerPolynomial.Degree;
            _tables[b] = ChunkerPolynomial.Modulo(shifted, polynomial) | shifted;
            _tables[256 + b] = ChunkerPolynomial.MultiplyModulo(oldest, b, polynomial);
        }
    }

    /// <summary>Finds the end of a chunk whose bytes are read little by little.</summary>
    /// <param name="chunk">All bytes from the start of the chunk that have been read so far.</param>
    /// <param name="seen">
    /// How many of them were in <paramref name="chunk"/> at the call before, which gave 0; they are not searched again.
    /// </param>
    /// <returns>
    /// The length of the chunk. 0 when it doesn't end in these bytes: read on and call again; at the end of the file they are the last
    /// chunk.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="seen"/> is no length of a part that was searched in vain.</exception>
    public int FindEnd(ReadOnlySpan<byte> chunk, int seen = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seen);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seen, Math.Min(chunk.Length, MaxSize - 1));
        var (from, to) = (Math.Max(MinSize - 1, seen), Math.Min(chunk.Length, MaxSize));
        var end = from < to ? Search(ref MemoryMarshal.GetReference(chunk), from, to) : 0;
        return end == 0 && to == MaxSize ? MaxSize : end;
    }

    /// <summary>The fingerprint of 64 bytes.</summary>
    internal ulong Fingerprint(ReadOnlySpan<byte> window)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(window.Length, Window);
        return Fingerprint(ref MemoryMarshal.GetReference(window), Window);
    }

    /// <summary>The first position after <paramref name="from"/> and up to <paramref name="to"/> that is a cut; 0 when none is.</summary>
    private int Search(ref byte bytes, int from, int to)
    {
        ref var tables = ref MemoryMarshal.GetArrayDataReference(_tables);
        var hash = Fingerprint(ref bytes, from);
        for (; to - from >= 4 * Lane; from += 4 * Lane)
        {
            ref var lane = ref Unsafe.Add(ref bytes, from);
            var (h0, h1) = (hash, Fingerprint(ref bytes, from + Lane));
            var (h2, h3) = (Fingerprint(ref bytes, from + (2 * Lane)), Fingerprint(ref bytes, from + (3 * Lane)));
            for (nint i = 0; i < Lane; i++)
            {
                h0 = Step(ref tables, h0, ref Unsafe.Add(ref lane, i));
                h1 = Step(ref tables, h1, ref Unsafe.Add(ref lane, i + Lane));
                h2 = Step(ref tables, h2, ref Unsafe.Add(ref lane, i + (2 * Lane)));
                h3 = Step(ref tables, h3, ref Unsafe.Add(ref lane, i + (3 * Lane)));
                if ((h0 & CutMask) == 0 || (h1 & CutMask) == 0 || (h2 & CutMask) == 0 || (h3 & CutMask) == 0)
                {
                    // A cut, but an earlier lane may have one further on.
                    return SearchOneByOne(ref bytes, hash, from, from + (4 * Lane));
                }
            }

            hash = h3;
        }

        return SearchOneByOne(ref bytes, hash, from, to);
    }

    private int SearchOneByOne(ref byte bytes, ulong hash, int from, int to)
    {
        ref var tables = ref MemoryMarshal.GetArrayDataReference(_tables);
        for (; from < to; from++)
        {
            hash = Step(ref tables, hash, ref Unsafe.Add(ref bytes, from));
            if ((hash & CutMask) == 0)
            {
                return from + 1;
            }
        }

        return 0;
    }

    /// <summary>The fingerprint of the 64 bytes that end before <paramref name="end"/>.</summary>
    private ulong Fingerprint(ref byte bytes, int end)
    {
        ref var tables = ref MemoryMarshal.GetArrayDataReference(_tables);
        var hash = 0UL;
        for (var i = end - Window; i < end; i++)
        {
            hash = ((hash << 8) | Unsafe.Add(ref bytes, i)) ^ Unsafe.Add(ref tables, (nint)(hash >> TopByte));
        }

        return hash;
    }

    /// <summary>Moves the window forward by one byte, to end with <paramref name="next"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ref ulong tables, ulong hash, ref byte next)
    {
        // The hash is below 2^53 between steps, so its top byte is an index of the table.
        var taken = Unsafe.Add(ref tables, 256 + (nint)Unsafe.Subtract(ref next, Window)) ^ next;
        return (hash << 8) ^ taken ^ Unsafe.Add(ref tables, (nint)(hash >> TopByte));
    }
}
