using Halley.Protocol;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>A registered bucket. Its files are on the volumes; here is who may reach them, and how much they were.</summary>
internal sealed class Bucket
{
    public required string Id { get; init; }

    /// <summary>The id in lower case: two buckets may not differ in case alone, because some file systems do not tell them apart.</summary>
    public required string FoldedId { get; init; }

    /// <summary>Tenant whose administrators see it; empty for the top level. The vault itself does not ask.</summary>
    public string OrganizationId { get; set; } = "";

    public string Label { get; set; } = "";

    public required DateTime CreatedAt { get; init; }

    /// <summary>Bytes and files as counted; written every half minute, corrected by each measurement.</summary>
    public long Bytes { get; set; }

    public long Files { get; set; }

    public DateTime? LastWriteAt { get; set; }

    public long MeasuredBytes { get; set; }

    public DateTime? MeasureStartedAt { get; set; }

    public DateTime? MeasureCompletedAt { get; set; }

    /// <summary>Set when the bucket is being deleted: it answers nobody any more, and its files go as soon as all volumes are there.</summary>
    public DateTime? DeletedAt { get; set; }

    /// <summary>Days for which deleted files are held; see <see cref="Hold"/>.</summary>
    public int HoldDays { get; set; }

    public int? LowerHoldTo { get; set; }

    public DateTime? LowerHoldAskedAt { get; set; }

    public int HoldDaysBefore { get; set; }

    public DateTime? HoldBeforeUntil { get; set; }

    public long TrashBytes { get; set; }

    public long TrashFiles { get; set; }

    public bool IsBrakeOff { get; set; }

    /// <summary>Set while deletes are frozen.</summary>
    public DateTime? FrozenAt { get; set; }

    /// <summary>Address of its vault on the server it has moved to; null while it is at home here.</summary>
    public string? MovedTo { get; set; }

    public long? SoftQuotaBytes { get; set; }

    public long? HardQuotaBytes { get; set; }

    /// <summary>What of its quota has been warned of already; see <c>QuotaLevel</c>.</summary>
    public int QuotaLevel { get; set; }

    public List<BucketKey> Keys { get; } = [];

    /// <summary>The counts as one value.</summary>
    public UsageCount Usage => new(Bytes, Files, LastWriteAt, TrashBytes, TrashFiles);

    /// <summary>The hold as one value.</summary>
    public BucketHold Hold
    {
        get => new(HoldDays, LowerHoldTo, LowerHoldAskedAt, HoldDaysBefore, HoldBeforeUntil);
        set => (HoldDays, LowerHoldTo, LowerHoldAskedAt, HoldDaysBefore, HoldBeforeUntil) =
            (value.Days, value.LowerTo, value.LowerAskedAt, value.DaysBefore, value.BeforeUntil);
    }
}

/// <summary>A key of a bucket: the hash of a secret, and what the holder of the secret may do.</summary>
internal sealed class BucketKey
{
    public required Guid Id { get; init; }

    public required string BucketId { get; init; }

    public BucketKeyMode Mode { get; init; }

    public string Label { get; set; } = "";

    public int Format { get; set; }

    public required string Hash { get; set; }

    public required DateTime CreatedAt { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? LastUsedAt { get; set; }

    public BucketKeyInfo ToWire() => new(Id, Mode, Label, CreatedAt, ExpiresAt, LastUsedAt);
}

internal sealed class BucketConfiguration : IEntityTypeConfiguration<Bucket>
{
    public const int LongestAddress = 1000;

    public void Configure(EntityTypeBuilder<Bucket> builder)
    {
        builder.ToTable("Buckets");
        builder.Property(bucket => bucket.Id).HasMaxLength(BucketId.MaximumLength);
        builder.Property(bucket => bucket.FoldedId).HasMaxLength(BucketId.MaximumLength);
        builder.Property(bucket => bucket.Label).HasMaxLength(BucketLabel.MaximumLength);
        builder.Property(bucket => bucket.MovedTo).HasMaxLength(LongestAddress);
        builder.Property(bucket => bucket.OrganizationId).HasMaxLength(StoredOrganization.LongestId).HasDefaultValue("");
        builder.Ignore(bucket => bucket.Hold).Ignore(bucket => bucket.Usage);
        builder.HasIndex(bucket => bucket.FoldedId).IsUnique();
        builder.HasIndex(bucket => bucket.OrganizationId);
        builder.HasMany(bucket => bucket.Keys).WithOne().HasForeignKey(key => key.BucketId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class BucketKeyConfiguration : IEntityTypeConfiguration<BucketKey>
{
    public void Configure(EntityTypeBuilder<BucketKey> builder)
    {
        builder.ToTable("BucketKeys");
        builder.Property(key => key.BucketId).HasMaxLength(BucketId.MaximumLength);
        builder.Property(key => key.Label).HasMaxLength(BucketLabel.MaximumLength);
        builder.Property(key => key.Hash).HasMaxLength(200);
    }
}
