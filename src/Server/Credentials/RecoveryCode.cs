using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Credentials;

/// <summary>A code that replaces the authenticator app of its owner once. It has 80 random bits; only its SHA-256 is stored.</summary>
internal sealed class RecoveryCode<TOwner>
    where TOwner : class
{
    private const int RandomBytes = 10;
    private const int LongestTyped = 100;

    public Guid OwnerId { get; set; }

    public required byte[] Hash { get; set; }

    /// <summary>Four groups of four letters and digits, easy to write down.</summary>
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

/// <summary>Each kind of owner has its own table, so that codes are deleted with their owner.</summary>
internal abstract class RecoveryCodeMapping<TOwner>(string table) : IEntityTypeConfiguration<RecoveryCode<TOwner>>
    where TOwner : class
{
    public void Configure(EntityTypeBuilder<RecoveryCode<TOwner>> builder)
    {
        builder.ToTable(table);
        builder.HasKey(code => new { code.OwnerId, code.Hash });
        builder.Property(code => code.Hash).HasMaxLength(SHA256.HashSizeInBytes);
        builder.HasOne<TOwner>().WithMany().HasForeignKey(code => code.OwnerId).OnDelete(DeleteBehavior.Cascade);
    }
}
