using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Settings.Resources;

/// <summary>A file that settings refer to, such as a logo, named by the hash of its content.</summary>
internal sealed class StoredResource
{
    /// <summary>SHA-256 in lower-case hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The organization whose administrator uploaded it; empty for the top level.</summary>
    public required string OrganizationId { get; init; }

    public DateTime UploadedAt { get; set; }

    public required byte[] Content { get; init; }
}

internal sealed class StoredResourceMapping : IEntityTypeConfiguration<StoredResource>
{
    public void Configure(EntityTypeBuilder<StoredResource> builder)
    {
        builder.ToTable("Resources");
        builder.HasKey(resource => new { resource.Hash, resource.OrganizationId });
        builder.Property(resource => resource.Hash).HasMaxLength(64);
        builder.Property(resource => resource.OrganizationId).HasMaxLength(64);
    }
}
