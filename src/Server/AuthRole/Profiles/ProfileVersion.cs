using Halley.Server.AuthRole.SignIn;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>An earlier state of a profile, so that a bad change can be reverted.</summary>
internal sealed class ProfileVersion
{
    /// <summary>Versions kept for each account.</summary>
    public const int Kept = 20;

    public Guid Id { get; set; }

    public Guid AccountId { get; set; }

    public required string Hash { get; set; }

    public DateTime SavedAt { get; set; }

    /// <summary>Name of the caller that replaced it; empty for the server itself.</summary>
    public required string SavedBy { get; set; }

    /// <summary>The document as JSON, encrypted.</summary>
    public required byte[] Document { get; set; }
}

internal sealed class ProfileVersionMapping : IEntityTypeConfiguration<ProfileVersion>
{
    public void Configure(EntityTypeBuilder<ProfileVersion> builder)
    {
        builder.ToTable("ProfileVersions");
        builder.Property(version => version.Id).ValueGeneratedNever();
        builder.Property(version => version.Hash).HasMaxLength(64);
        builder.Property(version => version.SavedBy).HasMaxLength(Account.LongestName);
        builder.HasIndex(version => new { version.AccountId, version.SavedAt });
        builder.HasOne<Account>().WithMany().HasForeignKey(version => version.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
