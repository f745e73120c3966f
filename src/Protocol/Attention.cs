using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>What an entry of the attention list is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttentionKind>))]
public enum AttentionKind
{
    /// <summary>A volume is offline.</summary>
    [JsonStringEnumMemberName("volume-offline")]
    VolumeOffline = 0,

    /// <summary>A volume is online but takes no new files.</summary>
    [JsonStringEnumMemberName("volume-unwritable")]
    VolumeUnwritable = 1,

    /// <summary>A scrub, a move or an upload found files that are corrupt or unreadable.</summary>
    [JsonStringEnumMemberName("files-corrupt")]
    FilesCorrupt = 2,

    /// <summary>Scrubs found files that do not belong where they are.</summary>
    [JsonStringEnumMemberName("files-misplaced")]
    FilesMisplaced = 3,

    /// <summary>The brake has frozen the deletes of a bucket.</summary>
    [JsonStringEnumMemberName("deletes-frozen")]
    DeletesFrozen = 4,

    /// <summary>A bucket is above its soft quota, or close to its hard quota.</summary>
    [JsonStringEnumMemberName("bucket-quota")]
    BucketQuota = 5,

    /// <summary>An organization is above its soft quota, or close to its hard quota.</summary>
    [JsonStringEnumMemberName("organization-quota")]
    OrganizationQuota = 6,

    /// <summary>A task has failed and waits to be resumed or cancelled.</summary>
    [JsonStringEnumMemberName("task-failed")]
    TaskFailed = 7,

    /// <summary>Periodic work of the server keeps failing.</summary>
    [JsonStringEnumMemberName("work-failing")]
    WorkFailing = 8,

    /// <summary>E-mails were given up after the last try.</summary>
    [JsonStringEnumMemberName("emails-given-up")]
    EmailsGivenUp = 9,

    /// <summary>A volume is being drained.</summary>
    [JsonStringEnumMemberName("volume-draining")]
    VolumeDraining = 10,

    /// <summary>An administrator has made a volume read-only.</summary>
    [JsonStringEnumMemberName("volume-read-only")]
    VolumeReadOnly = 11,
}

/// <summary>How urgent an entry of the attention list is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttentionLevel>))]
public enum AttentionLevel
{
    /// <summary>Backups fail or cannot be restored, or files are lost until somebody acts.</summary>
    [JsonStringEnumMemberName("error")]
    Error = 0,

    /// <summary>Somebody should act before it becomes an error.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning = 1,

    /// <summary>A state that an administrator chose and that should not last.</summary>
    [JsonStringEnumMemberName("notice")]
    Notice = 2,
}

/// <summary>Something that needs the attention of an administrator.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Level">How urgent it is.</param>
/// <param name="Subject">Id of the volume, bucket, organization or task, or name of the periodic work; empty for the whole server.</param>
/// <param name="Title">What is the matter, in a few words.</param>
/// <param name="Text">The cause and what to do, in one or two sentences.</param>
public sealed record AttentionItem(AttentionKind Kind, AttentionLevel Level, string Subject, string Title, string Text);
