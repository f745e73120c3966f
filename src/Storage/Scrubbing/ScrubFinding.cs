using Halley.Storage.Disk;

namespace Halley.Storage.Scrubbing;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="VolumeId">The volume it is or was on.</param>
/// <param name="BucketId">The bucket; empty for what belongs to none.</param>
/// <param name="Path">A file's name in the vault, such as <c>data/1234…</c>; for a stray file its path below the bucket's folder.</param>
/// <param name="Length">Its size in bytes; null when that could not be told.</param>
/// <param name="ExpectedHash">SHA-256 that its content should have; null for what has no such name.</param>
/// <param name="ActualHash">SHA-256 that it has; null when it could not be read.</param>
/// <param name="Reason">What is wrong with it, in one sentence.</param>
/// <param name="KeptAs">Where it is in the volume's quarantine, below <c>.quarantine</c>; null when it is not there.</param>
public sealed record ScrubFinding(
    FindingKind Kind, Guid VolumeId, string BucketId, string Path, long? Length, string? ExpectedHash, string? ActualHash,
    string Reason, string? KeptAs);
