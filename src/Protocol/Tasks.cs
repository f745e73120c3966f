using System.Text.Json.Serialization;

namespace Halley.Protocol;

/// <summary>Where a task is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
public enum TaskState
{
    /// <summary>At work. A task that was running when the server stopped or crashed goes on when it starts again.</summary>
    [JsonStringEnumMemberName("running")]
    Running = 0,

    /// <summary>Stopped by an administrator; <c>resume</c> lets it go on.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused = 1,

    /// <summary>It has finished its work.</summary>
    [JsonStringEnumMemberName("done")]
    Done = 2,

    /// <summary>It stopped with a problem; <c>resume</c> continues from where it stopped.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed = 3,

    /// <summary>An administrator ended it permanently.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled = 4,
}

/// <summary>Long work of the server, such as the draining of a volume.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Its kind, such as <c>drain</c> or <c>scrub</c>.</param>
/// <param name="Subject">Its subject: the id of a volume or bucket; empty for all.</param>
/// <param name="State">Its state.</param>
/// <param name="FilesDone">Files processed so far.</param>
/// <param name="FilesTotal">Files it expects to process; null while that is not known. New files make it an estimate.</param>
/// <param name="BytesDone">Bytes processed so far.</param>
/// <param name="BytesTotal">Bytes it expects to process; null while that is not known.</param>
/// <param name="BytesPerSecond">Rate of the last seconds; null unless it is running.</param>
/// <param name="SecondsLeft">Seconds until it is done at that rate; null when unknown.</param>
/// <param name="MaxBytesPerSecond">Limit an administrator set; null for as fast as clients leave room for.</param>
/// <param name="Problem">Why it failed, or the part that it could not do, in one sentence; null without a problem.</param>
/// <param name="CreatedAt">UTC time at which it was started first.</param>
/// <param name="CreatedBy">Name of the administrator that started it; empty for the server itself.</param>
/// <param name="EndedAt">UTC time at which it was done, failed or was cancelled.</param>
public sealed record TaskInfo(
    Guid Id, string Kind, string Subject, TaskState State, long FilesDone, long? FilesTotal, long BytesDone, long? BytesTotal,
    long? BytesPerSecond,
    long? SecondsLeft, long? MaxBytesPerSecond, string? Problem, DateTime CreatedAt, string CreatedBy, DateTime? EndedAt);

/// <summary>Changes to a task.</summary>
/// <param name="MaxBytesPerSecond">Most bytes a second, 1 or more; 0 for no limit. Takes effect at once.</param>
public sealed record UpdateTask(long MaxBytesPerSecond);

/// <summary>A line in the log of a task.</summary>
/// <param name="Sequence">Rises with each line; pass it as <c>?after=</c> for what follows.</param>
/// <param name="At">UTC time.</param>
/// <param name="Text">What happened.</param>
public sealed record TaskLogEntry(long Sequence, DateTime At, string Text);
