using Halley.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>The size of a bucket on one day, as last recorded on that day.</summary>
internal sealed class BucketDay
{
    public required string BucketId { get; init; }

    /// <summary>The day, UTC.</summary>
    public DateOnly Day { get; init; }

    public long Bytes { get; set; }

    public long Files { get; set; }

    public long TrashBytes { get; set; }

    /// <summary>Files that clients deleted on that day, without locks: the brake derives the usual number from them.</summary>
    public long DeletedFiles { get; set; }

    public BucketDayInfo ToWire() => new(Day, Bytes, Files, TrashBytes, DeletedFiles);
}

internal sealed class BucketDayConfiguration : IEntityTypeConfiguration<BucketDay>
{
    public void Configure(EntityTypeBuilder<BucketDay> builder)
    {
        builder.ToTable("BucketDays");
        builder.HasKey(day => new { day.BucketId, day.Day });
        builder.Property(day => day.BucketId).HasMaxLength(BucketId.MaximumLength);
        builder.HasIndex(day => day.Day);
    }
}
