using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Keys;
using Halley.Testing.Keys;

namespace Halley.Client.Tests.Keys;

public class ProfileSecretTests
{
    private const string Base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static readonly byte[] RKey = [.. Enumerable.Range(1, 24).Select(value => (byte)value)];
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("00112233445566778899aabbccddeeff");

    public static TheoryData<int> Vectors => KeyVectors.Positions(vectors => vectors.ProfileSecrets);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Sealed_texts_are_those_of_the_vectors(int position)
    {
        var vector = KeyVectors.All.ProfileSecrets[position];
        var (rKey, secret) = (Convert.FromHexString(vector.RKey), Convert.FromHexString(vector.Secret));

        Assert.Equal(vector.Text, SealedText.Seal(rKey, vector.Purpose, secret, Convert.FromHexString(vector.Nonce)));
        Assert.True(ProfileSecret.TryOpen(rKey, vector.Purpose, vector.Text, out var opened), vector.Name);
        Assert.Equal(secret, opened);
    }

    [Fact]
    public void Secrets_of_any_length_come_back()
    {
        const int Seed = 20251;
        var random = new Random(Seed);
        foreach (var length in Enumerable.Range(0, 70).Append(1 << 20).Concat(Enumerable.Range(0, 30).Select(_ => random.Next(5000))))
        {
            var (rKey, secret) = (new byte[24], new byte[length]);
            random.NextBytes(rKey);
            random.NextBytes(secret);
            var purpose = SecretPurpose.For(SecretPurpose.VaultKey, random.Next(100).ToString("x8", null));

            var text = ProfileSecret.Seal(rKey, purpose, secret);

            Assert.True(ProfileSecret.TryOpen(rKey, purpose, text, out var opened), $"seed {Seed}, length {length}");
            Assert.Equal(secret, opened);
            Assert.InRange(text.Length, 1, 40 + (4 * length + 2) / 3);
        }
    }

    [Fact]
    public void Same_secret_sealed_twice_gives_two_texts() =>
        Assert.Equal(
            100, Enumerable.Range(0, 100).Select(_ => ProfileSecret.Seal(RKey, SecretPurpose.VaultKey, Secret)[..18]).Distinct().Count());

    [Theory]
    [InlineData(SecretPurpose.BucketKey)]
    [InlineData("vault-key/2")]
    [InlineData("vault-key/")]
    [InlineData("VAULT-KEY/1")]
    [InlineData("vault-key/1/")]
    public void Secret_is_not_opened_for_another_purpose(string other)
    {
        var purpose = SecretPurpose.For(SecretPurpose.VaultKey, "1");
        var text = ProfileSecret.Seal(RKey, purpose, Secret);

        Assert.True(ProfileSecret.TryOpen(RKey, purpose, text, out _));
        Assert.False(ProfileSecret.TryOpen(RKey, other, text, out var secret));
        Assert.Null(secret);
    }

    [Fact]
    public void Secret_is_not_opened_with_a_key_that_differs_in_one_bit()
    {
        var text = ProfileSecret.Seal(RKey, SecretPurpose.VaultKey, Secret);
        for (var bit = 0; bit < RKey.Length * 8; bit++)
        {
            var other = RKey.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(ProfileSecret.TryOpen(other, SecretPurpose.VaultKey, text, out _));
        }
    }

    // 30 bytes leave unused bits in the last character, and those have to be right as well: a secret has one form.
    [Theory]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(32)]
    public void Text_with_any_character_changed_removed_or_added_is_refused(int length)
    {
        var text = ProfileSecret.Seal(RKey, SecretPurpose.VaultKey, Secret.AsSpan(0, length));
        for (var at = 0; at < text.Length; at++)
        {
            var nextInAlphabet = Base64Url[(Base64Url.IndexOf(text[at], StringComparison.Ordinal) + 1) % Base64Url.Length];
            AssertRefused(text[..at] + nextInAlphabet + text[(at + 1)..]);
            AssertRefused(text.Remove(at, 1));
            AssertRefused(text.Insert(at, " "));
            AssertRefused(text.Insert(at, "A"));
            AssertRefused(text[..at]);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData("1.A")]
    [InlineData("1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.\ud83d\ud83d\ud83d\ud83d")]
    [InlineData("correct horse battery staple")]
    public void Text_that_was_never_sealed_is_refused(string? text) => AssertRefused(text);

    [Fact]
    public void Text_in_another_dress_is_refused()
    {
        var text = ProfileSecret.Seal(RKey, SecretPurpose.VaultKey, Secret);

        AssertRefused("2" + text[1..]);
        AssertRefused(text[2..]);
        AssertRefused("01." + text[2..]);
        AssertRefused(text + "=");
        AssertRefused(text + "\n");
        AssertRefused(text + text);
        AssertRefused(text.ToUpperInvariant());
    }

    [Fact]
    public void Key_that_is_none_is_a_mistake_of_the_program()
    {
        foreach (var key in new[] { [], new byte[24], RandomNumberGenerator.GetBytes(23), RandomNumberGenerator.GetBytes(48) })
        {
            Assert.Throws<ArgumentException>(() => ProfileSecret.Seal(key, SecretPurpose.VaultKey, Secret));
            Assert.Throws<ArgumentException>(() => ProfileSecret.TryOpen(key, SecretPurpose.VaultKey, "1.", out _));
        }

        Assert.Throws<ArgumentException>(() => ProfileSecret.Seal(RKey, "", Secret));
    }

    private static void AssertRefused(string? text)
    {
        Assert.False(ProfileSecret.TryOpen(RKey, SecretPurpose.VaultKey, text, out var secret), text);
        Assert.Null(secret);
    }
}
