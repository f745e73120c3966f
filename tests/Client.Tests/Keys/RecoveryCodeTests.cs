using System.Security.Cryptography;
using Halley.Client.Keys;
using Halley.Protocol.Keys;
using Halley.Testing.Keys;

namespace Halley.Client.Tests.Keys;

public class RecoveryCodeTests
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string Example = "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-3P62";
    private static readonly byte[] RKey = RandomNumberGenerator.GetBytes(AccountKeys.RKeyLength);

    public static TheoryData<int> Vectors => KeyVectors.Positions(vectors => vectors.RecoveryCodes);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Codes_are_those_of_the_vectors(int position)
    {
        var vector = KeyVectors.All.RecoveryCodes[position];
        var (bits, rKey) = (Convert.FromHexString(vector.Code), Convert.FromHexString(vector.RKey));
        using var code = Parsed(vector.Text);

        Assert.Equal(vector.Text, code.ToText());
        Assert.Equal(vector.Text, RecoveryCodeText.Write(bits));
        Assert.Equal(vector.Wrapped, SealedText.Seal(bits, SecretPurpose.Recovery, rKey, Convert.FromHexString(vector.Nonce)));
        Assert.True(code.TryUnwrap(vector.Wrapped, out var unwrapped), vector.Name);
        Assert.Equal(rKey, unwrapped);
    }

    [Theory]
    [InlineData("000G40R40M30E209185GR38E1W8124GK3P62")]
    [InlineData("000g-40r4-0m30-e209-185g-r38e-1w81-24gk-3p62")]
    [InlineData("  000G 40R4\t0M30 E209\r\n185G R38E\u00a01W81 24GK 3P62\n")]
    [InlineData("OooG-4OR4-oM3O-E2O9-I85G-R38E-LW8i-24GK-3P62")]
    [InlineData("-0-00G40R40M30E209-185GR38El W8124GK3P62--")]
    public void Code_is_read_as_people_type_it(string typed)
    {
        using var code = Parsed(typed);
        Assert.Equal(Example, code.ToText());
    }

    [Fact]
    public void Every_digit_that_is_wrong_missing_too_much_or_swapped_is_found()
    {
        var text = Example.Replace("-", "", StringComparison.Ordinal);
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var digit in Digits.Where(digit => digit != text[at]))
            {
                AssertNoCode(text[..at] + digit + text[(at + 1)..]);
            }

            AssertNoCode(text.Remove(at, 1));
            AssertNoCode(text.Insert(at, "0"));
            if (at > 0 && text[at] != text[at - 1])
            {
                AssertNoCode(text[..(at - 1)] + text[at] + text[at - 1] + text[(at + 1)..]);
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("----")]
    [InlineData("000G-40R4-0M30-E209-185G-R38E-1W81-24GK-3P6U")]
    [InlineData("000G-40R4-0M30-E209-185G-R38E-1W81-24GK-3P6\ud83d")]
    [InlineData("000G_40R4_0M30_E209_185G_R38E_1W81_24GK_3P62")]
    [InlineData("correct horse battery staple correct horse battery staple")]
    public void What_is_no_code_is_refused(string? typed) => AssertNoCode(typed);

    [Fact]
    public void New_codes_differ_and_come_back_from_their_text()
    {
        var texts = new HashSet<string>();
        for (var count = 0; count < 200; count++)
        {
            using var code = RecoveryCode.Generate();
            using var read = Parsed(code.ToText());
            Assert.True(read.TryUnwrap(code.Wrap(RKey), out var unwrapped));
            Assert.Equal(RKey, unwrapped);
            Assert.Matches(@"\A([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}\z", code.ToText());
            texts.Add(code.ToText());
        }

        Assert.Equal(200, texts.Count);
    }

    [Fact]
    public void Wrapped_key_is_opened_by_its_own_code_only()
    {
        using var code = RecoveryCode.Generate();
        using var other = RecoveryCode.Generate();
        var wrapped = code.Wrap(RKey);

        Assert.Equal(72, wrapped.Length);
        Assert.NotEqual(wrapped, code.Wrap(RKey));
        foreach (var wrong in new[] { null, "", "1.", wrapped[..^1], wrapped + "A",
            ProfileSecret.Seal(RKey, SecretPurpose.Recovery, RKey) })
        {
            Assert.False(code.TryUnwrap(wrong, out var nothing));
            Assert.Null(nothing);
        }

        Assert.False(other.TryUnwrap(wrapped, out _));
    }

    [Fact]
    public void Forgotten_password_is_survived_with_the_code()
    {
        var newRKey = RandomNumberGenerator.GetBytes(AccountKeys.RKeyLength);
        using var code = RecoveryCode.Generate();
        using var wrongCode = RecoveryCode.Generate();
        var (field, secret) = (code.Wrap(RKey), ProfileSecret.Seal(RKey, SecretPurpose.VaultKey, "e-key"u8));

        Assert.True(code.TryUnwrap(field, out var oldRKey));
        Assert.True(
            ProfileSecrets.TryRewrap(oldRKey, newRKey, [new SealedSecret(SecretPurpose.VaultKey, secret)], out var rewrapped, out _));
        Assert.True(code.TryRewrap(field, newRKey, out var newField));

        Assert.True(code.TryUnwrap(newField, out var opened));
        Assert.Equal(newRKey, opened);
        Assert.True(ProfileSecret.TryOpen(newRKey, SecretPurpose.VaultKey, rewrapped[0].Text, out var eKey));
        Assert.Equal("e-key"u8, eKey);
        Assert.False(wrongCode.TryRewrap(field, newRKey, out var nothing));
        Assert.Null(nothing);
    }

    [Fact]
    public void Erased_code_does_nothing_any_more_and_erased_key_is_not_wrapped()
    {
        using var code = RecoveryCode.Generate();
        Assert.Throws<ArgumentException>(() => code.Wrap(new byte[AccountKeys.RKeyLength]));

        code.Dispose();

        Assert.Throws<ObjectDisposedException>(code.ToText);
        Assert.Throws<ObjectDisposedException>(() => code.Wrap(RKey));
        Assert.Throws<ObjectDisposedException>(() => code.TryUnwrap("1.", out _));
    }

    private static RecoveryCode Parsed(string text)
    {
        Assert.True(RecoveryCode.TryParse(text, out var code), text);
        return code;
    }

    private static void AssertNoCode(string? text)
    {
        Assert.False(RecoveryCode.TryParse(text, out var code), text);
        Assert.Null(code);
    }
}
