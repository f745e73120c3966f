using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.History;

/// <summary>The size of a bucket on one day, as it was last written on that day.</summary>
internal sealed class BucketDay
{
    public required string BucketId { get; init; }

    /// <summary>The day, UTC.</summary>
    public DateOnly Day { get; init; }

    public long Bytes { get; set; }

    public long Files { get; set; }

    public long TrashBytes { get; set; }

    /// <summary>Files that clients deleted on that day, locks not counted: by them the brake knows what is usual.</summary>
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
