using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Settings;

/// <summary>Backups of the server itself.</summary>
public class SelfBackupOptions : CometDocument
{
    public List<SelfBackupTarget> Targets { get; set; } = [];
}

/// <summary>A backup of the server itself.</summary>
public class SelfBackupTarget : CometDocument
{
    public List<ScheduleConfig> Schedule { get; set; } = [];
    public string ScheduleTimezone { get; set; } = "";
    public RetentionPolicy RetentionPolicy { get; set; } = new();
    public DestinationLocation Location { get; set; } = new();
    public string EncryptionKey { get; set; } = "";
    public ulong EncryptionKeyFormat { get; set; }
    public long Compression { get; set; }
    public bool ExcludeJobsDB { get; set; }
    public bool IncludeServerLogs { get; set; }

    [OmitEmpty]
    public string RestrictToSingleOrgID { get; set; } = "";

    public long Index { get; set; }
}

/// <summary>The last run of a backup of the server itself.</summary>
public class SelfBackupStatistics : CometDocument
{
    public long CurrentRunStart { get; set; }
    public long LastRunStart { get; set; }
    public long LastRunEnd { get; set; }
    public bool LastRunSuccess { get; set; }
    public long LastRunSize { get; set; }
}
