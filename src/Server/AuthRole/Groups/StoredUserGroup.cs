using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.Groups;

/// <summary>A named group of accounts. The profiles hold the membership.</summary>
internal sealed class StoredUserGroup
{
    public const int LongestId = 64;
    public const int LongestName = 200;

    public required string Id { get; init; }

    /// <summary>Organization; empty for the top level. Only its accounts can be members.</summary>
    public required string OrganizationId { get; init; }

    public required string Name { get; set; }

    public DateTime CreatedAt { get; init; }

    public static bool IsAcceptableName(string name) => name.Trim().Length > 0 && name.Length <= LongestName && !name.Any(char.IsControl);
}

internal sealed class StoredUserGroupMapping : IEntityTypeConfiguration<StoredUserGroup>
{
    public void Configure(EntityTypeBuilder<StoredUserGroup> builder)
    {
        builder.ToTable("UserGroups");
        builder.Property(group => group.Id).HasMaxLength(StoredUserGroup.LongestId);
        builder.Property(group => group.OrganizationId).HasMaxLength(64);
        builder.Property(group => group.Name).HasMaxLength(StoredUserGroup.LongestName);
        builder.HasIndex(group => group.OrganizationId);
    }
}
