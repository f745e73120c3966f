using Halley.Server.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>A policy that accounts follow. Each of them has a copy in its profile.</summary>
internal sealed class StoredPolicy
{
    public const int LongestId = 128;
    public const int LongestDescription = 1000;

    /// <summary>Chosen by its creator, or random; unique across all organizations.</summary>
    public required string Id { get; init; }

    /// <summary>Organization; empty for the top level. Only its accounts can follow the policy.</summary>
    public required string OrganizationId { get; init; }

    public string Description { get; set; } = "";

    /// <summary>
    /// The organization whose new accounts follow this policy, or null. Unique, so that of two concurrent defaults only one is saved.
    /// </summary>
    public string? DefaultOf { get; set; }

    public DateTime CreatedAt { get; init; }

    public DateTime ModifiedAt { get; set; }

    /// <summary>
    /// Identifies the current state. The first hash is the id, because the vendor's response to a new policy has one field for both.
    /// </summary>
    public required string Hash { get; set; }

    /// <summary>The vendor's UserPolicy as JSON, encrypted: default items may hold passwords of file shares.</summary>
    public required byte[] Document { get; set; }

    /// <summary>True until every account that follows it has the current state.</summary>
    public bool IsPending { get; set; }

    /// <summary>Items that this change removes from accounts, as a JSON list; kept while <see cref="IsPending"/> is true.</summary>
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
