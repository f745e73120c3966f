using Halley.Protocol;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.Verification;
using Halley.Storage.Disk;
using Halley.Storage.Scrubbing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>Something that a scrub found wrong.</summary>
internal sealed class FindingRecord
{
    public const int LongestText = 1000;

    public required Guid Id { get; init; }

    public required ScrubFindingKind Kind { get; init; }

    public ScrubFindingState State { get; set; }

    public required Guid VolumeId { get; init; }

    public required string BucketId { get; init; }

    /// <summary>Number of its part; -1 for entries beside the buckets.</summary>
    public required int Part { get; init; }

    public required string Path { get; init; }

    public long? Bytes { get; init; }

    public string? ExpectedHash { get; init; }

    public string? ActualHash { get; init; }

    public required string Reason { get; init; }

    public string? KeptAs { get; init; }

    public required DateTime FoundAt { get; init; }

    public DateTime? ClosedAt { get; set; }

    public static FindingRecord Of(ScrubFinding finding, int part, DateTime now) => new()
    {
        Id = Guid.CreateVersion7(new DateTimeOffset(now)),
        Kind = (ScrubFindingKind)(int)finding.Kind,
        VolumeId = finding.VolumeId,
        BucketId = Cut(finding.BucketId, ScrubRecordMapping.LongestBucket),
        Part = part,
        Path = Cut(finding.Path, LongestText),
        Bytes = finding.Length,
        ExpectedHash = finding.ExpectedHash,
        ActualHash = finding.ActualHash,
        Reason = Cut(finding.Reason, LongestText),
        KeptAs = finding.KeptAs,
        FoundAt = now,
    };

    /// <summary>The finding about a file that a move or an upload, or a scrub before a crash, has put into quarantine.</summary>
    public static FindingRecord Of(Guid volumeId, string keptAs, QuarantineFacts facts) => Of(
        new ScrubFinding(
            facts.Kind, volumeId, facts.Bucket, facts.Name, facts.Length, facts.ExpectedHash, facts.ActualHash, facts.Reason, keptAs),
        BlobNames.Parse(facts.Name) is { } name ? ScrubPart.Of(name).Index : -1, DateTime.SpecifyKind(facts.At, DateTimeKind.Utc));

    public ScrubFindingInfo ToWire() =>
        new(Id, Kind, State, VolumeId, BucketId, Path, Bytes, ExpectedHash, ActualHash, Reason, KeptAs, FoundAt, ClosedAt);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}

internal sealed class FindingRecordMapping : IEntityTypeConfiguration<FindingRecord>
{
    public void Configure(EntityTypeBuilder<FindingRecord> builder)
    {
        builder.ToTable("ScrubFindings");
        builder.Property(finding => finding.BucketId).HasMaxLength(ScrubRecordMapping.LongestBucket);
        builder.Property(finding => finding.Path).HasMaxLength(FindingRecord.LongestText);
        builder.Property(finding => finding.Reason).HasMaxLength(FindingRecord.LongestText);
        builder.Property(finding => finding.ExpectedHash).HasMaxLength(64);
        builder.Property(finding => finding.ActualHash).HasMaxLength(64);
        builder.Property(finding => finding.KeptAs).HasMaxLength(FindingRecord.LongestText);
        builder.HasIndex(finding => new { finding.State, finding.FoundAt, finding.Id });
        builder.HasIndex(finding => new { finding.VolumeId, finding.BucketId, finding.Part });
    }
}
