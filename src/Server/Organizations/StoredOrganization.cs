using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Organizations;

/// <summary>
/// A stored organization. Columns hold the values that the server uses to decide. The document is encrypted, because it contains passwords
/// of other servers.
/// </summary>
internal sealed class StoredOrganization
{
    public const int LongestId = 64;
    public const int LongestName = 200;

    public required string Id { get; init; }

    public string Name { get; set; } = "";

    /// <summary>True blocks its administrators and users.</summary>
    public bool IsSuspended { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>Changes with every update, so that concurrent changes don't overwrite each other and other instances notice them.</summary>
    public Guid Version { get; set; }

    /// <summary>The vendor's Organization as JSON, encrypted.</summary>
    public required byte[] Document { get; set; }

    /// <summary>Total size of its buckets from which administrators are warned.</summary>
    public long? SoftQuotaBytes { get; set; }

    /// <summary>Total size of its buckets from which uploads are refused.</summary>
    public long? HardQuotaBytes { get; set; }

    /// <summary>The quota levels that administrators have been warned about, as flags.</summary>
    public int QuotaLevel { get; set; }

    /// <summary>The only host names through which its administrators and users can reach it; empty for any.</summary>
    public List<OrganizationHost> Hosts { get; } = [];
}

/// <summary>A host name, which belongs to one organization only.</summary>
internal sealed class OrganizationHost
{
    public const int LongestName = 260;

    /// <summary>In lower case, with a port if one was given.</summary>
    public required string Name { get; init; }

    public required string OrganizationId { get; init; }
}

internal sealed class StoredOrganizationMapping : IEntityTypeConfiguration<StoredOrganization>
{
    public void Configure(EntityTypeBuilder<StoredOrganization> builder)
    {
        builder.ToTable("Organizations");
        builder.Property(organization => organization.Id).HasMaxLength(StoredOrganization.LongestId);
        builder.Property(organization => organization.Name).HasMaxLength(StoredOrganization.LongestName);
        builder.Property(organization => organization.Version).IsConcurrencyToken();
        builder.HasMany(organization => organization.Hosts).WithOne().HasForeignKey(host => host.OrganizationId)
            .OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class OrganizationHostMapping : IEntityTypeConfiguration<OrganizationHost>
{
    public void Configure(EntityTypeBuilder<OrganizationHost> builder)
    {
        builder.ToTable("OrganizationHosts");
        builder.HasKey(host => host.Name);
        builder.Property(host => host.Name).HasMaxLength(OrganizationHost.LongestName);
        builder.Property(host => host.OrganizationId).HasMaxLength(StoredOrganization.LongestId);
    }
}
