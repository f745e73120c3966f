using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Settings.Statistics;

/// <summary>The counts of one organization in one hour.</summary>
internal sealed class StatisticsSample
{
    /// <summary>Start of the hour.</summary>
    public DateTime At { get; init; }

    /// <summary>The organization; empty for the top level.</summary>
    public required string OrganizationId { get; init; }

    public long Users { get; set; }

    public long Devices { get; set; }

    public long Buckets { get; set; }
}

internal sealed class StatisticsSampleMapping : IEntityTypeConfiguration<StatisticsSample>
{
    public void Configure(EntityTypeBuilder<StatisticsSample> builder)
    {
        builder.ToTable("StatisticsSamples");
        builder.HasKey(sample => new { sample.At, sample.OrganizationId });
        builder.Property(sample => sample.OrganizationId).HasMaxLength(64);
    }
}
