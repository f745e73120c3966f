using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Jobs;

/// <summary>A job of a device. The ranges of <see cref="Status"/> tell whether it runs (6xxx), succeeded (5xxx) or failed (7xxx).</summary>
public class BackupJobDetail : CometDocument
{
    /// <summary>Id of the job.</summary>
    public string GUID { get; set; } = "";

    public string Username { get; set; } = "";
    public JobClassification Classification { get; set; }
    public JobStatus Status { get; set; }

    /// <summary>Unix seconds.</summary>
    public long StartTime { get; set; }

    /// <summary>Unix seconds; 0 while it runs.</summary>
    public long EndTime { get; set; }

    public long RetryCount { get; set; }
    public string SourceGUID { get; set; } = "";
    public string DestinationGUID { get; set; } = "";
    public string DeviceID { get; set; } = "";

    [OmitEmpty]
    public string SnapshotID { get; set; } = "";

    [OmitEmpty]
    public string BackupRuleGUID { get; set; } = "";

    public string ClientVersion { get; set; } = "";
    public long TotalDirectories { get; set; }
    public long TotalFiles { get; set; }

    /// <summary>Bytes.</summary>
    public long TotalSize { get; set; }

    public long TotalChunks { get; set; }

    /// <summary>Bytes.</summary>
    public long UploadSize { get; set; }

    /// <summary>Bytes.</summary>
    public long DownloadSize { get; set; }

    [OmitEmpty]
    public long TotalVmCount { get; set; }

    [OmitEmpty]
    public long TotalMailsCount { get; set; }

    [OmitEmpty]
    public long TotalSitesCount { get; set; }

    [OmitEmpty]
    public long TotalAccountsCount { get; set; }

    [OmitEmpty]
    public long TotalLicensedMailsCount { get; set; }

    [OmitEmpty]
    public long TotalUnlicensedMailsCount { get; set; }

    [OmitEmpty]
    public string ConflictingJobID { get; set; } = "";

    /// <summary>There when the job can be cancelled.</summary>
    [OmitEmpty]
    public string CancellationID { get; set; } = "";

    public BackupJobProgress Progress { get; set; } = new();

    public SizeMeasurement DestinationSizeStart { get; set; } = new();

    public SizeMeasurement DestinationSizeEnd { get; set; } = new();

    [OmitEmpty]
    public string Tags { get; set; } = "";
}

/// <summary>How far a running job is.</summary>
public class BackupJobProgress : CometDocument
{
    /// <summary>Rises with every report.</summary>
    public long Counter { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long SentTime { get; set; }

    /// <summary>Unix seconds; spelt as the vendor spells it.</summary>
    public long RecievedTime { get; set; }

    public long BytesDone { get; set; }
    public long ItemsDone { get; set; }
    public long ItemsTotal { get; set; }
}

/// <summary>A line of a job's log.</summary>
public class JobEntry : CometDocument
{
    /// <summary>Unix seconds; 0 is never.</summary>
    public long Time { get; set; }

    /// <summary>I, W, E or D.</summary>
    public string Severity { get; set; } = "";

    public string Message { get; set; } = "";
}
