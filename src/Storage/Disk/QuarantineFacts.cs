using Halley.Storage.Scrubbing;

namespace Halley.Storage.Disk;

/// <summary>What is kept beside a file in quarantine, for people and for the list of findings.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Bucket">Its bucket; empty for a vault that stands alone.</param>
/// <param name="Name">Its name in the vault, such as <c>data/1234…</c>.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ExpectedHash">SHA-256 that its content should have.</param>
/// <param name="ActualHash">SHA-256 that it has; null when it could not be read or was not.</param>
/// <param name="Volume">The volume it was on.</param>
/// <param name="At">UTC time at which it was taken away.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record QuarantineFacts(
    FindingKind Kind, string Bucket, string Name, long Length, string ExpectedHash, string? ActualHash, Guid? Volume, DateTime At, string Reason);
