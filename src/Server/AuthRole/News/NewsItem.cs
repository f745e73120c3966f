using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.AuthRole.News;

/// <summary>A message that clients show to the users of one organization.</summary>
internal sealed class NewsItem
{
    public const int LongestText = 10_000;

    public Guid Id { get; init; }

    /// <summary>Organization whose users see it; empty for the top level.</summary>
    public required string OrganizationId { get; init; }

    public DateTime At { get; init; }

    public required string Text { get; init; }
}

internal sealed class NewsItemMapping : IEntityTypeConfiguration<NewsItem>
{
    public void Configure(EntityTypeBuilder<NewsItem> builder)
    {
        builder.ToTable("News");
        builder.Property(item => item.Id).ValueGeneratedNever();
        builder.Property(item => item.OrganizationId).HasMaxLength(64);
        builder.Property(item => item.Text).HasMaxLength(NewsItem.LongestText);
        builder.HasIndex(item => item.OrganizationId);
    }
}
