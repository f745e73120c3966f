using Halley.Server.Credentials;

namespace Halley.Server.Tests.Credentials;

public class CredentialHasherTests
{
    private const string LKey = "00112233445566778899aabbccddeeff0011223344556677";

    // Made with Python's hashlib and libxcrypt, not with this code. Clients make such hashes themselves: these must stay valid for ever.
    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef", "$2a$04$abcdefghijklmnopqrstuuA32SUV2wbmzFQVOndzIlXmHEbaBocRi")]
    [InlineData(LKey, "$2a$04$abcdefghijklmnopqrstuuWFjL4oNa4wH67LJb4rayiKiEKaVrNdW")]
    [InlineData("Pässwörd ☄", "$2a$04$abcdefghijklmnopqrstuueUEMKBN0ZdNkZwzVhEn09Pyt6/CyC6.")]
    public void Hash_of_format_1_made_earlier_is_verified(string secret, string hash)
    {
        Assert.True(CredentialHasher.Verify(secret, 1, hash));
        Assert.False(CredentialHasher.Verify(secret + "0", 1, hash));
    }

    [Fact]
    public void Format_1_is_bcrypt_over_the_first_72_characters_of_base64_of_sha512()
    {
        var hash = new CredentialHasher(new CredentialOptions { WorkFactor = 4 }).Hash(LKey);
        var inner = Convert.ToBase64String(System.Security.Cryptography.SHA512.HashData(System.Text.Encoding.UTF8.GetBytes(LKey)));

        Assert.StartsWith("$2a$04$", hash, StringComparison.Ordinal);
        Assert.True(BCrypt.Net.BCrypt.Verify(inner[..72], hash));
    }

    [Theory]
    [InlineData(1, "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", true)]
    [InlineData(1, "$2b$16$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", true)]
    [InlineData(1, "$2a$17$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", false)]
    [InlineData(1, "$2a$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", false)]
    [InlineData(1, "$2a$03$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", false)]
    [InlineData(1, "$2a$10$short", false)]
    [InlineData(1, "", false)]
    [InlineData(0, "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", false)]
    [InlineData(2, "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", false)]
    public void Hash_given_by_a_client_is_only_taken_when_it_can_be_checked_in_reasonable_time(int format, string hash, bool wellFormed) =>
        Assert.Equal(wellFormed, CredentialHasher.IsWellFormed(format, hash));

    [Fact]
    public void Hash_of_another_work_factor_is_to_be_replaced()
    {
        var hash = new CredentialHasher(new CredentialOptions { WorkFactor = 4 }).Hash("x");

        Assert.False(new CredentialHasher(new CredentialOptions { WorkFactor = 4 }).NeedsRehash(1, hash));
        Assert.True(new CredentialHasher(new CredentialOptions { WorkFactor = 5 }).NeedsRehash(1, hash));
    }
}
