using Halley.Server.StorageRole.Volumes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>When the parts of a bucket on a volume were last verified.</summary>
internal sealed class ScrubRecord
{
    public required Guid VolumeId { get; init; }

    public required string BucketId { get; init; }

    /// <summary>See <see cref="PartTimes"/>.</summary>
    public required byte[] Times { get; set; }

    /// <summary>The part that has waited longest; null when one was never verified.</summary>
    public DateTime? OldestAt { get; set; }
}

internal sealed class ScrubRecordMapping : IEntityTypeConfiguration<ScrubRecord>
{
    public const int LongestBucket = 255; // a folder that somebody made by hand may be called anything

    public void Configure(EntityTypeBuilder<ScrubRecord> builder)
    {
        builder.ToTable("ScrubTimes");
        builder.HasKey(record => new { record.VolumeId, record.BucketId });
        builder.Property(record => record.BucketId).HasMaxLength(LongestBucket);
        builder.HasIndex(record => record.BucketId);
        builder.HasOne<VolumeRecord>().WithMany().HasForeignKey(record => record.VolumeId).OnDelete(DeleteBehavior.Cascade);
    }
}
