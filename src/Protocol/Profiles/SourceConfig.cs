using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;

namespace Halley.Protocol.Profiles;

/// <summary>A protected item: what one device backs up. <see cref="Statistics"/> is filled in by the server from the jobs.</summary>
public class SourceConfig : CometDocument
{
    /// <summary>Kind of the item, such as <c>engine1/file</c>.</summary>
    public string Engine { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>The device it belongs to.</summary>
    public string OwnerDevice { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    /// <summary>Unix seconds.</summary>
    public long ModifyTime { get; set; }

    public List<string> PreExec { get; set; } = [];
    public List<string> ThawExec { get; set; } = [];
    public List<string> PostExec { get; set; } = [];

    /// <summary>Settings of the engine; a flag counts by being there.</summary>
    public Dictionary<string, string> EngineProps { get; set; } = [];

    /// <summary>The policy's item this one was made from, or empty.</summary>
    public string PolicySourceID { get; set; } = "";

    public bool ExistingUserUpdate { get; set; }

    [OmitEmpty]
    public Dictionary<string, RetentionPolicy> OverrideDestinationRetention { get; set; } = [];

    public SourceStatistics Statistics { get; set; } = new();
}

/// <summary>The last jobs of a protected item. A job that never was is empty, not null.</summary>
public class SourceStatistics : CometDocument
{
    public long LastStartTime { get; set; }
    public BackupJobDetail LastBackupJob { get; set; } = new();
    public BackupJobDetail LastSuccessfulBackupJob { get; set; } = new();
}
