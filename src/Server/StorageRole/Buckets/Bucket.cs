using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>A registered bucket: its keys, its rules and its counts. Its files are on the volumes.</summary>
internal sealed class Bucket
{
    public required string Id { get; init; }

    /// <summary>The id in lower case: two ids must not differ in case alone, because some file systems ignore case.</summary>
    public required string FoldedId { get; init; }

    /// <summary>The organization whose administrators see it; empty for the top level. The vault protocol ignores it.</summary>
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

    /// <summary>
    /// Set when the bucket is deleted: clients cannot reach it, and its files are removed as soon as all volumes are online.
    /// </summary>
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

    /// <summary>Address of its vault on the server it has moved to; null while this server is its home.</summary>
    public string? MovedTo { get; set; }

    public long? SoftQuotaBytes { get; set; }

    public long? HardQuotaBytes { get; set; }

    /// <summary>The steps of its quota that administrators have been warned of; see <c>QuotaLevel</c>.</summary>
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

/// <summary>A key of a bucket: the hash of a secret, and the rights of its holder.</summary>
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

internal static class BucketQueries
{
    /// <summary>The buckets within a scope.</summary>
    public static IQueryable<Bucket> In(this IQueryable<Bucket> buckets, TenantScope scope) =>
        scope.OrganizationId is { } organization ? buckets.Where(bucket => bucket.OrganizationId == organization) : buckets;
}
