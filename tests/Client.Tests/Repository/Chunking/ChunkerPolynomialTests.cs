using Halley.Client.Repository.Chunking;

namespace Halley.Client.Tests.Repository.Chunking;

public class ChunkerPolynomialTests
{
    [Theory]
    [InlineData(0x3a5c78553602f5, true)]
    [InlineData(0x3da3358b4dc173, true)]
    [InlineData(0x3a5c78553602f7, false)]
    [InlineData(0x3a5c78553602f4, false)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(ulong.MaxValue, false)]
    // Irreducible, but of degree 2 and 3
    [InlineData(0b111, false)]
    [InlineData(0b1011, false)]
    public void Polynomial_of_a_repository_is_irreducible_and_of_degree_53(ulong polynomial, bool isValid) =>
        Assert.Equal(isValid, ChunkerPolynomial.IsValid(polynomial));

    [Fact]
    public void All_polynomials_up_to_degree_12_are_judged_as_trial_division_does()
    {
        for (var polynomial = 0UL; polynomial < 1 << 13; polynomial++)
        {
            var isIrreducible = polynomial > 1;
            for (var divisor = 2UL; divisor < polynomial && isIrreducible; divisor++)
            {
                var remainder = polynomial;
                for (var shift = 12; shift >= 0; shift--)
                {
                    if (ulong.Log2(divisor) + (ulong)shift == (remainder == 0 ? 99 : ulong.Log2(remainder)))
                    {
                        remainder ^= divisor << shift;
                    }
                }

                isIrreducible = remainder != 0 || ulong.Log2(divisor) >= ulong.Log2(polynomial);
            }

            Assert.True(isIrreducible == ChunkerPolynomial.IsIrreducible(polynomial), $"{polynomial:b}");
        }
    }

    [Fact]
    public void Product_of_two_polynomials_of_degree_53_together_is_never_valid()
    {
        var random = new Random(14);
        for (var i = 0; i < 300; i++)
        {
            var degree = random.Next(1, 53);
            var (a, b) = (Of(random, degree), Of(random, 53 - degree));
            var product = 0UL;
            for (var bit = 0; bit <= degree; bit++)
            {
                product ^= ((a >> bit) & 1) * (b << bit);
            }

            Assert.False(ChunkerPolynomial.IsValid(product), $"{a:x} · {b:x}");
        }
    }

    [Fact]
    public void Random_polynomials_are_valid_and_differ()
    {
        var polynomials = Enumerable.Range(0, 20).Select(_ => ChunkerPolynomial.CreateRandom()).ToList();
        Assert.All(polynomials, polynomial => Assert.True(ChunkerPolynomial.IsValid(polynomial), $"{polynomial:x}"));
        Assert.Equal(polynomials.Count, polynomials.Distinct().Count());
    }

    private static ulong Of(Random random, int degree) => ((ulong)random.NextInt64() & ((1UL << degree) - 1)) | (1UL << degree);
}
