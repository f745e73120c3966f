using System.Security.Cryptography;
using Halley.Client.Repository.Encryption;
using Org.BouncyCastle.Crypto.Parameters;
using BouncyPoly1305 = Org.BouncyCastle.Crypto.Macs.Poly1305;

namespace Halley.Client.Tests.Repository.Encryption;

/// <summary>Sums near the modulus, which random messages never reach, beside random ones.</summary>
public class Poly1305Tests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Authenticators_are_BouncyCastles(int lanes)
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var (r, s, message) = (Bytes(random, 16), Bytes(random, 16), Bytes(random, random.Next(i < 1000 ? 600 : 5000)));
            var (expected, tag) = (new byte[16], new byte[16]);
            var bouncy = new BouncyPoly1305();
            bouncy.Init(new KeyParameter([.. r, .. s]));
            bouncy.BlockUpdate(message, 0, message.Length);
            bouncy.DoFinal(expected, 0);
            using var poly = new Poly1305(r, lanes);
            poly.ComputeTag(message, s, tag);

            var label = $"seed {seed}, message {i}";
            Assert.True(expected.AsSpan().SequenceEqual(tag), label);
            Assert.True(expected.AsSpan().SequenceEqual(InParts(poly, message, s, random)), label);
        }
    }

    // RFC 8439, A.3: the cases with r = 1 and 2 and 4 and sums at 2¹³⁰ − 5 and about 2¹²⁸.
    [Theory]
    [InlineData(
        "02000000000000000000000000000000", "00000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffff",
        "03000000000000000000000000000000")]
    [InlineData(
        "02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff",
        "02000000000000000000000000000000",
        "03000000000000000000000000000000")]
    [InlineData(
        "01000000000000000000000000000000", "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff" + "11000000000000000000000000000000",
        "05000000000000000000000000000000")]
    [InlineData(
        "01000000000000000000000000000000", "00000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe" + "01010101010101010101010101010101",
        "00000000000000000000000000000000")]
    [InlineData(
        "02000000000000000000000000000000", "00000000000000000000000000000000",
        "fdffffffffffffffffffffffffffffff",
        "faffffffffffffffffffffffffffffff")]
    [InlineData(
        "01000000000000000400000000000000", "00000000000000000000000000000000",
        "e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000"
        + "0000000000000000000000000000000001000000000000000000000000000000",
        "14000000000000005500000000000000")]
    [InlineData(
        "01000000000000000400000000000000", "00000000000000000000000000000000",
        "e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000" + "00000000000000000000000000000000",
        "13000000000000000000000000000000")]
    public void Authenticators_are_those_of_the_RFC(string r, string s, string message, string expected)
    {
        var tag = new byte[16];
        using var poly = new Poly1305(Convert.FromHexString(r), intrinsics: false);
        poly.ComputeTag(Convert.FromHexString(message), Convert.FromHexString(s), tag);
        Assert.Equal(expected, Convert.ToHexStringLower(tag));
    }

    // AES-128 of the vector 00…0f with the key 20…2f is s; all bits of r set, so the test fails without clamping.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bits_that_r_may_not_have_are_ignored(bool intrinsics)
    {
        var (s, tag) = (new byte[16], new byte[16]);
        using var aes = AesCipher.Create([.. Enumerable.Range(0x20, 16).Select(value => (byte)value)], intrinsics);
        aes.EncryptBlock([.. Enumerable.Range(0, 16).Select(value => (byte)value)], s);
        using var poly = new Poly1305(Filled(16), intrinsics);
        poly.ComputeTag(Filled(64), s, tag);
        Assert.Equal("6c8cc9a6b29d8d52528212cafa3d3ec5", Convert.ToHexStringLower(tag));
    }

    private static byte[] InParts(Poly1305 poly, byte[] message, byte[] s, Random random)
    {
        var (sum, tag) = (default(Poly1305Sum), new byte[16]);
        var at = 0;
        while (at < message.Length)
        {
            var length = Math.Min(message.Length - at, Poly1305.BlockSize * random.Next(1, 80));
            poly.Add(ref sum, message.AsSpan(at, length));
            at += length;
        }

        sum.Finish(s, tag);
        return tag;
    }

    private static byte[] Filled(int length) => [.. Enumerable.Repeat((byte)0xff, length)];

    // Half of them with most bits set, so that sums come near the modulus and limbs near their limits.
    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
        {
            for (var i = 0; i < length; i++)
            {
                bytes[i] = random.Next(40) == 0 ? bytes[i] : (byte)0xff;
            }
        }

        return bytes;
    }
}
