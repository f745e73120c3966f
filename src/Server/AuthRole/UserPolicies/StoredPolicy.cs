using Halley.Server.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>A policy that accounts follow: each of them has a copy in its profile.</summary>
internal sealed class StoredPolicy
{
    public const int LongestId = 128;
    public const int LongestDescription = 1000;

    /// <summary>Chosen by whoever made it, or random; unique over all tenants.</summary>
    public required string Id { get; init; }

    /// <summary>Tenant; empty for the top level. Only its accounts can follow the policy.</summary>
    public required string OrganizationId { get; init; }

    public string Description { get; set; } = "";

    /// <summary>The tenant whose new accounts follow this policy, null for none: unique, so that of two at once only one becomes it.</summary>
    public string? DefaultOf { get; set; }

    public DateTime CreatedAt { get; init; }

    public DateTime ModifiedAt { get; set; }

    /// <summary>Identifies the present state; the first one is the id, because the vendor's answer to a new policy has but one field for both.</summary>
    public required string Hash { get; set; }

    /// <summary>The vendor's UserPolicy as JSON, encrypted: default items may hold passwords of file shares.</summary>
    public required byte[] Document { get; set; }

    /// <summary>True until every account that follows it has the present state.</summary>
    public bool IsPending { get; set; }

    /// <summary>Items that this change takes away from accounts, as a JSON list; kept until <see cref="IsPending"/> is over.</summary>
    public string PendingDeletions { get; set; } = "[]";
}

internal sealed class StoredPolicyMapping : IEntityTypeConfiguration<StoredPolicy>
{
    public void Configure(EntityTypeBuilder<StoredPolicy> builder)
    {
        builder.ToTable("Policies");
        builder.Property(policy => policy.Id).HasMaxLength(StoredPolicy.LongestId);
        builder.Property(policy => policy.OrganizationId).HasMaxLength(64);
        builder.Property(policy => policy.DefaultOf).HasMaxLength(64);
        builder.Property(policy => policy.Description).HasMaxLength(StoredPolicy.LongestDescription);
        builder.Property(policy => policy.Hash).HasMaxLength(StoredPolicy.LongestId).IsConcurrencyToken();
        builder.HasIndex(policy => policy.OrganizationId);
        builder.HasIndex(policy => policy.DefaultOf).IsUnique();
        builder.HasIndex(policy => policy.IsPending);
    }
}
