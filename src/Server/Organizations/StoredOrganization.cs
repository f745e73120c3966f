using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Organizations;

/// <summary>
/// A tenant as it is stored. What the server decides by is in columns; the document is encrypted, because it holds passwords of other
/// servers.
/// </summary>
internal sealed class StoredOrganization
{
    public const int LongestId = 64;
    public const int LongestName = 200;

    public required string Id { get; init; }

    public string Name { get; set; } = "";

    /// <summary>True refuses its administrators and users.</summary>
    public bool IsSuspended { get; set; }

    public DateTime CreatedAt { get; init; }

    /// <summary>New with every change, so that two at once do not overwrite each other and other instances notice.</summary>
    public Guid Version { get; set; }

    /// <summary>The vendor's Organization as JSON, encrypted.</summary>
    public required byte[] Document { get; set; }

    /// <summary>Size of all its buckets from which administrators are warned, and above which uploads are refused.</summary>
    public long? SoftQuotaBytes { get; set; }

    public long? HardQuotaBytes { get; set; }

    /// <summary>What of its quota has been warned of already.</summary>
    public int QuotaLevel { get; set; }

    /// <summary>Host names through which alone its administrators and users reach it; none means any.</summary>
    public List<OrganizationHost> Hosts { get; } = [];
}

/// <summary>A host name, which belongs to one tenant alone.</summary>
internal sealed class OrganizationHost
{
    public const int LongestName = 260;

    /// <summary>In lower case, with a port where one was given.</summary>
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
