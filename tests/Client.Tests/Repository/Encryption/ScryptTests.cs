using System.Security.Cryptography;
using System.Text;
using Halley.Client.Repository.Encryption;
using Org.BouncyCastle.Crypto.Generators;

namespace Halley.Client.Tests.Repository.Encryption;

public class ScryptTests
{
    // RFC 7914 §12
    [Theory]
    [InlineData(
        "", "", 16, 1, 1,
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData(
        "password", "NaCl", 1024, 8, 16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    [InlineData(
        "pleaseletmein", "SodiumChloride", 16384, 8, 1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")]
    public void Keys_are_those_of_the_RFC(string password, string salt, int n, int r, int p, string expected)
    {
        var key = new byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), n, r, p, key);
        Assert.Equal(expected, Convert.ToHexStringLower(key));
    }

    [Fact]
    public void Keys_are_BouncyCastles()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var (password, salt, key) = (new byte[random.Next(100)], new byte[random.Next(100)], new byte[random.Next(1, 200)]);
            random.NextBytes(password);
            random.NextBytes(salt);
            var (n, r, p) = (2 << random.Next(8), random.Next(1, 12), random.Next(1, 5));
            Scrypt.DeriveKey(password, salt, n, r, p, key);
            var expected = SCrypt.Generate(password, salt, n, r, p, key.Length);
            Assert.True(expected.AsSpan().SequenceEqual(key), $"seed {seed}, n {n}, r {r}, p {p}, key {key.Length}");
        }
    }

    // The key file and its contents were written by restic 0.14.
    [Fact]
    public void Password_opens_a_key_file_of_restic()
    {
        var salt = Convert.FromBase64String("TYM91Xzl0aOXnhCvXwsZddz+HJ9moh6/IWB9Ha3N2+V0OOekZcxrTOgepPHU0PvHhj4OMac94M7e7uB/gOM9Hg==");
        var data = Convert.FromBase64String(
            "IJAtY50sKDCMz10hdblOwAq9e94wR4ldldi+UqWd31sa5dy5aaaQ4rP1C6bxVO8Xp+moLu8rBBoyWzmCk2QZ/wFrErW/H1g7mh0KEA/JWbo0eG"
            + "MCgcj6d4p81VexEhlJivOSJ4gG6MxllAnHryS5cfWutOj+40q3879bgE4ZZXvIY3cjIegLJZSXyJcR/F3CwqspqfEFAJ08OKyPq9Cmew==");
        Span<byte> parts = stackalloc byte[64];
        Scrypt.DeriveKey("corr€ct \"horse\""u8, salt, 16384, 8, 2, parts);
        using var key = new VaultKey(parts[..32], parts[32..48], parts[48..]);
        var plain = new byte[data.Length - VaultKey.Overhead];

        Assert.True(key.TryOpen(data, plain));
        Assert.Equal(
            """
            {"mac":{"k":"UxD+f3zBUzFloM8N9KVTzw==","r":"I1lgDry0YwocKK0PNEtrAQ=="},
            "encrypt":"iAYVXxkmplejaFivVQmvGRZsseKg+LZN71gh1/0VQHI="}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(plain));
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(-16384, 8, 1)]
    [InlineData(16383, 8, 1)]
    [InlineData(int.MinValue, 8, 1)]
    [InlineData(16384, 0, 1)]
    [InlineData(16384, -8, 1)]
    [InlineData(16384, 8, 0)]
    [InlineData(16384, 8, -1)]
    [InlineData(1 << 30, 8, 1)]
    [InlineData(1 << 30, int.MaxValue, int.MaxValue)]
    [InlineData(2, int.MaxValue, 1)]
    [InlineData(2, 1, int.MaxValue)]
    [InlineData(16384, 8, 1025)]
    public void Parameters_that_are_invalid_or_ask_for_too_much_are_refused(int n, int r, int p)
    {
        Assert.False(Scrypt.Accepts(n, r, p));
        Assert.Throws<ArgumentOutOfRangeException>(() => Scrypt.DeriveKey([], [], n, r, p, new byte[64]));
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(16384, 8, 1)]
    [InlineData(32768, 8, 8)]
    [InlineData(1 << 20, 8, 1)]
    public void Parameters_of_real_key_files_are_accepted(int n, int r, int p) => Assert.True(Scrypt.Accepts(n, r, p));
}
