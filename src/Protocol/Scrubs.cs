using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>Starts the scrub of a volume: every file on it is read again and compared with its name.</summary>
/// <param name="MaxBytesPerSecond">Most bytes a second; null or 0 for as fast as clients leave room for.</param>
public sealed record StartScrub(long? MaxBytesPerSecond = null);

/// <summary>What can be wrong with a file.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScrubFindingKind>))]
public enum ScrubFindingKind
{
    /// <summary>Its content is not what its name says. It is in quarantine; the next backup uploads it again.</summary>
    [JsonStringEnumMemberName("corrupt")]
    Corrupt = 0,

    /// <summary>The disk cannot read it. It is in quarantine where that was possible.</summary>
    [JsonStringEnumMemberName("unreadable")]
    Unreadable = 1,

    /// <summary>It is no file of a vault: in a wrong folder, with a wrong name, or left by a tool. It stays where it is.</summary>
    [JsonStringEnumMemberName("stray")]
    Stray = 2,

    /// <summary>Two volumes have a config of the bucket, with different contents. Both stay.</summary>
    [JsonStringEnumMemberName("config-conflict")]
    ConfigConflict = 3,
}

/// <summary>Whether something is still to be done about a finding.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScrubFindingState>))]
public enum ScrubFindingState
{
    /// <summary>The file is still missing, or still where it does not belong.</summary>
    [JsonStringEnumMemberName("open")]
    Open = 0,

    /// <summary>A file of that name is there again, or what did not belong there is gone.</summary>
    [JsonStringEnumMemberName("healed")]
    Healed = 1,

    /// <summary>An administrator said that nothing is to be done, for example because its owner deleted the backup.</summary>
    [JsonStringEnumMemberName("dismissed")]
    Dismissed = 2,
}

/// <summary>Something that a scrub, a move or an upload found wrong.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="State">Whether something is still to be done.</param>
/// <param name="VolumeId">The volume it is or was on.</param>
/// <param name="BucketId">The bucket; empty for what stands beside the buckets.</param>
/// <param name="Path">A file's name in the vault, such as <c>data/1234…</c>; for a stray file its path below the bucket's folder.</param>
/// <param name="Bytes">Its size; null when that could not be told.</param>
/// <param name="ExpectedHash">SHA-256 that its content should have; null for what has no such name.</param>
/// <param name="ActualHash">SHA-256 that it had; null when it could not be read.</param>
/// <param name="Reason">What is wrong with it, in one sentence.</param>
/// <param name="KeptAs">Where it is in the volume's quarantine, below <c>.quarantine</c>; null when it is not there.</param>
/// <param name="FoundAt">UTC time at which it was found.</param>
/// <param name="ClosedAt">UTC time since which nothing is to be done any more; null while it is open.</param>
public sealed record ScrubFindingInfo(
    Guid Id, ScrubFindingKind Kind, ScrubFindingState State, Guid VolumeId, string BucketId, string Path, long? Bytes, string? ExpectedHash,
    string? ActualHash, string Reason, string? KeptAs, DateTime FoundAt, DateTime? ClosedAt);

/// <summary>Asks whether files of a bucket are there.</summary>
/// <param name="Names">Up to 10 000 names such as <c>data/1234…</c> or <c>config</c>.</param>
/// <param name="Reread">
/// True to read each one from its disk now and compare it with its name. One that is wrong goes to quarantine, as in a scrub.
/// </param>
public sealed record VerifyFiles(IReadOnlyList<string>? Names, bool Reread = false);

/// <summary>The answer to <see cref="VerifyFiles"/>.</summary>
/// <param name="Items">One entry for each name, in the same order.</param>
public sealed record FilesVerified(IReadOnlyList<VerifiedFile> Items);

/// <summary>A file that was asked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Present">True when clients can read it.</param>
/// <param name="Bytes">Its size; null when it is absent.</param>
/// <param name="VolumeIds">The volumes it is on; normally one.</param>
/// <param name="VerifiedAt">
/// UTC time at which its part of the bucket was last read and found right on each of them; null when it never was.
/// </param>
/// <param name="Result">What reading it now gave; null when that was not asked for, or it is absent.</param>
public sealed record VerifiedFile(
    string Name, bool Present, long? Bytes, IReadOnlyList<Guid> VolumeIds, DateTime? VerifiedAt, RereadResult? Result);

/// <summary>What reading a file now gave.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RereadResult>))]
public enum RereadResult
{
    /// <summary>Its content is what its name says; a config, which is not named by its content, could be read.</summary>
    [JsonStringEnumMemberName("right")]
    Right = 0,

    /// <summary>It was not what its name says, or could not be read, and is in quarantine now.</summary>
    [JsonStringEnumMemberName("bad")]
    Bad = 1,

    /// <summary>Somebody was just writing or moving it; ask again.</summary>
    [JsonStringEnumMemberName("unsettled")]
    Unsettled = 2,
}
