using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Quotas;

/// <summary>A limit that several vaults share. The profiles hold which vaults do.</summary>
internal sealed class StoredQuota
{
    public const int LongestId = 64;
    public const int LongestDescription = 1000;

    public required string Id { get; init; }

    /// <summary>Organization; empty for the top level.</summary>
    public required string OrganizationId { get; init; }

    public string Description { get; set; } = "";

    public long LimitBytes { get; set; }

    /// <summary>Identifies the current state; opaque, new with every save.</summary>
    public required string Hash { get; set; }
}

internal sealed class StoredQuotaMapping : IEntityTypeConfiguration<StoredQuota>
{
    public void Configure(EntityTypeBuilder<StoredQuota> builder)
    {
        builder.ToTable("SharedQuotas");
        builder.Property(quota => quota.Id).HasMaxLength(StoredQuota.LongestId);
        builder.Property(quota => quota.OrganizationId).HasMaxLength(64);
        builder.Property(quota => quota.Description).HasMaxLength(StoredQuota.LongestDescription);
        builder.Property(quota => quota.Hash).HasMaxLength(64).IsConcurrencyToken();
        builder.HasIndex(quota => quota.OrganizationId);
    }
}
