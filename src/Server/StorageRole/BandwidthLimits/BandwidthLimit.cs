using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>A stored limit. It outlives its bucket, so that a restored bucket has its limits again.</summary>
internal sealed class BandwidthLimit
{
    public const int LongestNetwork = 64;
    public const int LongestTimeZone = 64;

    public required Guid Id { get; init; }

    public required DateTime CreatedAt { get; init; }

    public string? BucketId { get; set; }

    /// <summary>The network as <see cref="ClientNetwork"/> formats it.</summary>
    public string? Network { get; set; }

    public BandwidthDirection Direction { get; set; }

    public long BytesPerSecond { get; set; }

    /// <summary>IANA time zone of the schedule; null if the limit is always in force.</summary>
    public string? TimeZone { get; set; }

    /// <summary>Minute of the local day at which the window begins.</summary>
    public int FromMinute { get; set; }

    public int ToMinute { get; set; }

    /// <summary>Days on which the window begins: bit 0 for Sunday. 0 for every day.</summary>
    public int Days { get; set; }

    public LimitWindow? Window => TimeZone is null ? null : new LimitWindow(TimeZone, FromMinute, ToMinute, Days);

    public BandwidthLimitInfo ToWire(DateTime now) => new(
        Id, BucketId, Network, Direction, BytesPerSecond, Window?.ToWire(), Window?.IsOpen(now) ?? true, CreatedAt);
}

internal sealed class BandwidthLimitConfiguration : IEntityTypeConfiguration<BandwidthLimit>
{
    public void Configure(EntityTypeBuilder<BandwidthLimit> builder)
    {
        builder.ToTable("BandwidthLimits");
        builder.Ignore(limit => limit.Window);
        builder.Property(limit => limit.BucketId).HasMaxLength(Buckets.BucketId.MaximumLength);
        builder.Property(limit => limit.Network).HasMaxLength(BandwidthLimit.LongestNetwork);
        builder.Property(limit => limit.TimeZone).HasMaxLength(BandwidthLimit.LongestTimeZone);
    }
}
