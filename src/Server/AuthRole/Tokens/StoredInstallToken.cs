using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Tokens;

/// <summary>A token with which an installer signs a device in once, without the password. Only its SHA-256 is stored.</summary>
internal sealed class StoredInstallToken
{
    public Guid Id { get; set; }

    public Guid AccountId { get; set; }

    public required byte[] Hash { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime ExpiresAt { get; set; }

    /// <summary>When it was redeemed; null while it has not been.</summary>
    public DateTime? UsedAt { get; set; }

    /// <summary>Name of the administrator that created it.</summary>
    public string CreatedBy { get; set; } = "";
}

internal sealed class StoredInstallTokenMapping : IEntityTypeConfiguration<StoredInstallToken>
{
    public void Configure(EntityTypeBuilder<StoredInstallToken> builder)
    {
        builder.ToTable("InstallTokens");
        builder.Property(token => token.Id).ValueGeneratedNever();
        builder.Property(token => token.Hash).HasMaxLength(SessionKey.HashLength);
        builder.Property(token => token.CreatedBy).HasMaxLength(Account.LongestName);
        builder.HasIndex(token => token.Hash).IsUnique();
        builder.HasIndex(token => token.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
