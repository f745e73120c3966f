namespace Halley.Protocol.Jobs;

/// <summary>How a job stands; what is not listed counts by its range.</summary>
public enum JobStatus : long
{
    /// <summary>No status.</summary>
    None = 0,

    /// <summary>Succeeded.</summary>
    Success = 5000,

    /// <summary>Not used by clients.</summary>
    RunningIndeterminate = 6000,

    /// <summary>Running.</summary>
    Running = 6001,

    /// <summary>Was given up, and then reported again.</summary>
    RunningRevived = 6002,

    /// <summary>Failed and will be tried again.</summary>
    WillRetry = 6003,

    /// <summary>Made but not started.</summary>
    NotYetStarted = 6004,

    /// <summary>Took too long.</summary>
    TimedOut = 7000,

    /// <summary>Came to its end with warnings; counts as failed all the same.</summary>
    Warning = 7001,

    /// <summary>Failed.</summary>
    Error = 7002,

    /// <summary>Stopped by a quota.</summary>
    QuotaExceeded = 7003,

    /// <summary>Should have run and did not; made by the server.</summary>
    Missed = 7004,

    /// <summary>Cancelled.</summary>
    Cancelled = 7005,

    /// <summary>Not run because one was running.</summary>
    Skipped = 7006,

    /// <summary>Given up by the server: the device does not report any more.</summary>
    Abandoned = 7007,
}

/// <summary>The ranges of <see cref="JobStatus"/>.</summary>
public static class JobStatusRanges
{
    /// <summary>First status of a job that succeeded.</summary>
    public const long FirstSuccess = 5000;

    /// <summary>First status of a job that runs.</summary>
    public const long FirstRunning = 6000;

    /// <summary>First status of a job that failed.</summary>
    public const long FirstFailed = 7000;

    /// <summary>Last status of all.</summary>
    public const long Last = 7999;

    /// <summary>True for 5000 to 5999.</summary>
    public static bool IsSuccess(this JobStatus status) => (long)status is >= FirstSuccess and < FirstRunning;

    /// <summary>True for 6000 to 6999.</summary>
    public static bool IsRunning(this JobStatus status) => (long)status is >= FirstRunning and < FirstFailed;

    /// <summary>True for 7000 to 7999.</summary>
    public static bool IsFailed(this JobStatus status) => (long)status is >= FirstFailed and <= Last;
}
