using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Verification;

/// <summary>When the parts of a bucket on a volume were last verified.</summary>
internal sealed class ScrubRecord
{
    public required Guid VolumeId { get; init; }

    public required string BucketId { get; init; }

    /// <summary>See <see cref="PartTimes"/>.</summary>
    public required byte[] Times { get; set; }

    /// <summary>When the part was verified that has waited longest; null if a part was never verified.</summary>
    public DateTime? OldestAt { get; set; }
}

internal sealed class ScrubRecordMapping : IEntityTypeConfiguration<ScrubRecord>
{
    public const int LongestBucket = 255; // a folder that was made by hand may have any name

    public void Configure(EntityTypeBuilder<ScrubRecord> builder)
    {
        builder.ToTable("ScrubTimes");
        builder.HasKey(record => new { record.VolumeId, record.BucketId });
        builder.Property(record => record.BucketId).HasMaxLength(LongestBucket);
        builder.HasIndex(record => record.BucketId);
    }
}
