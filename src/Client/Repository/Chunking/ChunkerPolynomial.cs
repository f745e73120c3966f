using System.Numerics;
using System.Security.Cryptography;

namespace Halley.Client.Repository.Chunking;

/// <summary>
/// The polynomial over GF(2) that decides where a repository's files are cut: bit i is the coefficient of xⁱ. Every repository has its own,
/// so that the lengths of chunks don't reveal known files.
/// </summary>
public static class ChunkerPolynomial
{
    /// <summary>The degree of every repository's polynomial.</summary>
    public const int Degree = 53;

    /// <summary>A new irreducible polynomial of degree 53 from the system's random generator.</summary>
    public static ulong CreateRandom()
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        while (true)
        {
            RandomNumberGenerator.Fill(random);
            var candidate = (BitConverter.ToUInt64(random) & ((1UL << Degree) - 1)) | (1UL << Degree) | 1;
            if (IsIrreducible(candidate))
            {
                return candidate;
            }
        }
    }

    /// <summary>Whether the polynomial is valid for a repository: of degree 53 and irreducible.</summary>
    public static bool IsValid(ulong polynomial) => DegreeOf(polynomial) == Degree && IsIrreducible(polynomial);

    /// <summary>
    /// Ben-Or's test for degrees from 1 to 62: a polynomial is reducible exactly when it has a factor of at most half its degree, and
    /// x^(2ⁱ) − x is the product of all irreducible polynomials whose degrees divide i.
    /// </summary>
    internal static bool IsIrreducible(ulong polynomial)
    {
        const ulong X = 2;
        var power = X;
        for (var i = 1; i <= DegreeOf(polynomial) / 2; i++)
        {
            power = MultiplyModulo(power, power, polynomial);
            if (GreatestCommonDivisor(polynomial, power ^ X) != 1)
            {
                return false;
            }
        }

        return DegreeOf(polynomial) > 0;
    }

    /// <summary>The remainder, in a polynomial division, of any polynomial.</summary>
    internal static ulong Modulo(ulong dividend, ulong divisor)
    {
        for (var excess = DegreeOf(dividend) - DegreeOf(divisor); excess >= 0; excess = DegreeOf(dividend) - DegreeOf(divisor))
        {
            dividend ^= divisor << excess;
        }

        return dividend;
    }

    /// <summary>The product of two remainders.</summary>
    internal static ulong MultiplyModulo(ulong a, ulong b, ulong modulus)
    {
        var product = 0UL;
        for (; b != 0; b >>= 1)
        {
            product ^= (b & 1) == 0 ? 0 : a;
            a = Modulo(a << 1, modulus);
        }

        return product;
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
        {
            (a, b) = (b, Modulo(a, b));
        }

        return a;
    }

    // −1 for the zero polynomial.
    private static int DegreeOf(ulong polynomial) => 63 - BitOperations.LeadingZeroCount(polynomial);
}
