using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>Starts the scrub of a volume: every file on it is read again and compared with its name.</summary>
/// <param name="MaxBytesPerSecond">Most bytes a second; null or 0 for as fast as clients leave room for.</param>
public sealed record StartScrub(long? MaxBytesPerSecond = null);

/// <summary>The kinds of fault that a file can have.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScrubFindingKind>))]
public enum ScrubFindingKind
{
    /// <summary>Its content does not match its name. It is in quarantine; devices store its data again.</summary>
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

    /// <summary>A file of that name exists again, or the stray entry is gone.</summary>
    [JsonStringEnumMemberName("healed")]
    Healed = 1,

    /// <summary>An administrator said that nothing is to be done, for example because its owner deleted the backup.</summary>
    [JsonStringEnumMemberName("dismissed")]
    Dismissed = 2,
}

/// <summary>A fault that a scrub, a move or an upload found.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">The kind of fault.</param>
/// <param name="State">Whether it still needs action.</param>
/// <param name="VolumeId">The volume it is or was on.</param>
/// <param name="BucketId">The bucket; empty for entries beside the buckets.</param>
/// <param name="Path">A file's name in the vault, such as <c>data/1234…</c>; for a stray file its path below the bucket's folder.</param>
/// <param name="Bytes">Its size; null when unknown.</param>
/// <param name="ExpectedHash">The SHA-256 that its content should have; null for an entry without such a name.</param>
/// <param name="ActualHash">The SHA-256 that it had; null when it could not be read.</param>
/// <param name="Reason">The fault, in one sentence.</param>
/// <param name="KeptAs">Its path in the volume's quarantine, below <c>.quarantine</c>; null when it is not there.</param>
/// <param name="FoundAt">UTC time at which it was found.</param>
/// <param name="ClosedAt">UTC time since which it needs no action; null while it is open.</param>
public sealed record ScrubFindingInfo(
    Guid Id, ScrubFindingKind Kind, ScrubFindingState State, Guid VolumeId, string BucketId, string Path, long? Bytes, string? ExpectedHash,
    string? ActualHash, string Reason, string? KeptAs, DateTime FoundAt, DateTime? ClosedAt);

/// <summary>Checks whether files of a bucket exist.</summary>
/// <param name="Names">Up to 10 000 names such as <c>data/1234…</c> or <c>config</c>.</param>
/// <param name="Reread">
/// True to read each file from its disk now and compare its content with its name. A wrong file goes to quarantine, as in a scrub.
/// </param>
public sealed record VerifyFiles(IReadOnlyList<string>? Names, bool Reread = false);

/// <summary>
/// Has the server read files from its disks again and compare their contents with their names, so that their owner need not download
/// them. A wrong file goes to quarantine, as in a scrub.
/// </summary>
/// <param name="Names">Up to 1000 names such as <c>data/1234…</c> or <c>config</c>.</param>
public sealed record RereadFiles(IReadOnlyList<string>? Names);

/// <summary>The response to <see cref="VerifyFiles"/> and <see cref="RereadFiles"/>.</summary>
/// <param name="Items">One entry for each name, in the same order.</param>
public sealed record FilesVerified(IReadOnlyList<VerifiedFile> Items);

/// <summary>A file in the response.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Present">True when clients can read it.</param>
/// <param name="Bytes">Its size; null when it is absent.</param>
/// <param name="VolumeIds">The volumes it is on; normally one.</param>
/// <param name="VerifiedAt">
/// UTC time at which its part of the bucket was last read and verified on each of them; null when it never was.
/// </param>
/// <param name="Result">The result of reading it now; null when that was not requested, or it is absent.</param>
public sealed record VerifiedFile(
    string Name, bool Present, long? Bytes, IReadOnlyList<Guid> VolumeIds, DateTime? VerifiedAt, RereadResult? Result);

/// <summary>The result of reading a file now.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RereadResult>))]
public enum RereadResult
{
    /// <summary>Its content matches its name; a config, which is not named by its content, could be read.</summary>
    [JsonStringEnumMemberName("right")]
    Right = 0,

    /// <summary>Its content did not match its name, or could not be read. It is in quarantine now.</summary>
    [JsonStringEnumMemberName("bad")]
    Bad = 1,

    /// <summary>Another process was writing or moving it; try again.</summary>
    [JsonStringEnumMemberName("unsettled")]
    Unsettled = 2,
}

/// <summary>Files that a bucket has lost: they were corrupt or unreadable, and nobody has uploaded them again.</summary>
/// <param name="Names">Their names, such as <c>data/1234…</c>; at most 10 000.</param>
/// <param name="FoundAt">UTC time at which the last of them was found; null when there are none.</param>
public sealed record LostFiles(IReadOnlyList<string> Names, DateTime? FoundAt);

/// <summary>Reports that what lost files had is stored again in other files, so that nobody misses them any more.</summary>
/// <param name="Names">Names of lost files, at most 10 000.</param>
public sealed record HealedFiles(IReadOnlyList<string>? Names);
