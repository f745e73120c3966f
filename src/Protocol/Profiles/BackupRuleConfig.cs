using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>A schedule: which item goes to which vault, when and how.</summary>
public class BackupRuleConfig : BackupJobAdvancedOptions
{
    public string Description { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    /// <summary>Unix seconds.</summary>
    public long ModifyTime { get; set; }

    public List<string> PreExec { get; set; } = [];
    public List<string> ThawExec { get; set; } = [];
    public List<string> PostExec { get; set; } = [];

    /// <summary>Id of the protected item.</summary>
    public string Source { get; set; } = "";

    /// <summary>Id of the vault.</summary>
    public string Destination { get; set; } = "";

    public List<ScheduleConfig> Schedules { get; set; } = [];
    public BackupRuleEventTriggers EventTriggers { get; set; } = new();
}

/// <summary>Events beside the clock that start a backup.</summary>
public class BackupRuleEventTriggers : CometDocument
{
    [OmitEmpty]
    public bool OnPCBoot { get; set; }

    [OmitEmpty]
    public bool OnPCBootIfLastJobMissed { get; set; }

    [OmitEmpty]
    public bool OnLastJobFailDoRetry { get; set; }

    [OmitEmpty]
    public ulong LastJobFailDoRetryCount { get; set; }

    [OmitEmpty]
    public ulong LastJobFailDoRetryTime { get; set; }
}

/// <summary>How a backup is run.</summary>
public class BackupJobAdvancedOptions : CometDocument
{
    public bool SkipAlreadyRunning { get; set; }
    public long StopAfter { get; set; }
    public long LimitVaultSpeedBps { get; set; }
    public bool ReduceDiskConcurrency { get; set; }
    public bool UseOnDiskIndexes { get; set; }
    public bool AllowZeroFilesSuccess { get; set; }
    public long AutoRetentionLevel { get; set; }
    public long ConcurrencyCount { get; set; }
    public string LogLevel { get; set; } = "";
    public string Tags { get; set; } = "";
}
