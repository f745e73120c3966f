using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Settings;

/// <summary>The server: version, roles, clock, what it is doing.</summary>
public class ServerMetaVersionInfo : CometDocument
{
    public string Version { get; set; } = "";
    public string VersionCodename { get; set; } = "";
    public bool StorageRole { get; set; }
    public bool AuthenticationRole { get; set; }
    public bool SoftwareBuildRole { get; set; }
    public bool OverseerRole { get; set; }
    public bool ConstellationRole { get; set; }

    [OmitEmpty]
    public List<string> ExperimentalOptions { get; set; } = [];

    /// <summary>Unix seconds; 0 is never.</summary>
    public long ServerStartTime { get; set; }

    public string ServerStartHash { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long CurrentTime { get; set; }

    public string ServerLicenseHash { get; set; } = "";
    public bool ServerLicenseFeaturesAll { get; set; }
    public uint ServerLicenseFeatureSet { get; set; }
    public LicenseLimits ServerLicenseLimit { get; set; } = new();
    public long ConfiguredDevices { get; set; }
    public Dictionary<string, long> BoosterLimit { get; set; } = [];

    /// <summary>Unix seconds; 0 is never.</summary>
    public long LicenseValidUntil { get; set; }

    public long EmailsSentSuccessfully { get; set; }
    public long EmailsSentErrors { get; set; }
    public long EmailsWaitingInQueue { get; set; }
    public long ScheduledEmailThreadCurrentState { get; set; }
    public long ScheduledEmailThreadLastCalculateDurationNanos { get; set; }
    public long ScheduledEmailThreadWaitingUntil { get; set; }
    public long ScheduledEmailThreadLastWakeTime { get; set; }
    public bool ScheduledEmailThreadLastWakeSentEmails { get; set; }
    public List<SelfBackupStatistics> SelfBackup { get; set; } = [];
}

/// <summary>Limits of the vendor's licence; empty is unlimited.</summary>
public class LicenseLimits : CometDocument
{
    [OmitEmpty, JsonPropertyName("deviceCount")]
    public long DeviceCount { get; set; }

    [OmitEmpty, JsonPropertyName("boosterCount")]
    public Dictionary<string, long> BoosterCount { get; set; } = [];
}
