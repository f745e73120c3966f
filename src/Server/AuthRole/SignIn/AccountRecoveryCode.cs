using System.Security.Cryptography;
using System.Text;
using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>A code that replaces the authenticator app once. It has 80 random bits; only its SHA-256 is stored.</summary>
internal sealed class AccountRecoveryCode
{
    private const int RandomBytes = 10;
    private const int LongestTyped = 100;

    public Guid AccountId { get; set; }

    public required byte[] Hash { get; set; }

    /// <summary>Four groups of four letters and digits, to be written down.</summary>
    public static string Make() =>
        string.Join('-', Base32.Encode(RandomNumberGenerator.GetBytes(RandomBytes)).Chunk(4).Select(group => new string(group)));

    /// <summary>Ignores spaces, hyphens and case; null when the text cannot be a code.</summary>
    public static byte[]? HashOf(string typed)
    {
        if (typed.Length > LongestTyped)
        {
            return null;
        }

        var code = new string([.. typed.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant)]);
        return code.Length == RandomBytes * 8 / 5 ? SHA256.HashData(Encoding.ASCII.GetBytes(code)) : null;
    }
}

internal sealed class AccountRecoveryCodeMapping : IEntityTypeConfiguration<AccountRecoveryCode>
{
    public void Configure(EntityTypeBuilder<AccountRecoveryCode> builder)
    {
        builder.ToTable("AccountRecoveryCodes");
        builder.HasKey(code => new { code.AccountId, code.Hash });
        builder.Property(code => code.Hash).HasMaxLength(SessionKey.HashLength);
        builder.HasOne<Account>().WithMany().HasForeignKey(code => code.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
