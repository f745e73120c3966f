using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.Settings.Statistics;

/// <summary>What there was at one hour in one tenant.</summary>
internal sealed class StatisticsSample
{
    /// <summary>Begin of the hour.</summary>
    public DateTime At { get; init; }

    /// <summary>Tenant; empty for the top level's own.</summary>
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
