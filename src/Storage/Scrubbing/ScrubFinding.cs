using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Scrubbing;

/// <summary>A fault that a scrub found.</summary>
/// <param name="Kind">The kind of fault.</param>
/// <param name="VolumeId">The volume it is or was on.</param>
/// <param name="BucketId">The bucket; empty for an entry that belongs to none.</param>
/// <param name="Path">A file's name in the vault, such as <c>data/1234…</c>; for a stray file its path below the bucket's folder.</param>
/// <param name="Length">Its size in bytes; null when unknown.</param>
/// <param name="ExpectedHash">The SHA-256 that its content should have; null for an entry without such a name.</param>
/// <param name="ActualHash">The SHA-256 that it has; null when it could not be read.</param>
/// <param name="Reason">The fault, in one sentence.</param>
/// <param name="KeptAs">Its path in the volume's quarantine, below <c>.quarantine</c>; null when it is not there.</param>
public sealed record ScrubFinding(
    FindingKind Kind, Guid VolumeId, string BucketId, string Path, long? Length, string? ExpectedHash, string? ActualHash,
    string Reason, string? KeptAs)
{
    /// <summary>The finding about a folder that cannot be read.</summary>
    public static ScrubFinding Of(Guid volumeId, UnreadableFolder folder) => new(
        FindingKind.Unreadable, volumeId, folder.BucketId, folder.Type == BlobType.Config ? folder.Path : $"{folder.Path}/", null, null,
        null, folder.Reason, null);
}
