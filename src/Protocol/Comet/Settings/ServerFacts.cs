using System.Text.Json.Serialization;

namespace Halley.Protocol.Comet;

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

/// <summary>What anybody may know of the server before he signs in.</summary>
public class ServerMetaBrandingProperties : CometDocument
{
    public string BrandName { get; set; } = "";
    public string ProductName { get; set; } = "";
    public bool HasImage { get; set; }
    public string ImageEtag { get; set; } = "";
    public string TopColor { get; set; } = "";
    public string AccentColor { get; set; } = "";
    public bool HideNewsArea { get; set; }
    public bool AllowUnauthenticatedDownloads { get; set; }
    public bool AllowAuthenticatedDownloads { get; set; }
    public long PruneLogsAfterDays { get; set; }
    public long ExpiredInSeconds { get; set; }

    [OmitEmpty]
    public List<ExternalAuthenticationSourceDisplay> ExternalAuthenticationSources { get; set; } = [];

    public bool ServerIsEmpty { get; set; }
    public string CloudStorageName { get; set; } = "";
    public bool AdminHidePreBuiltClientOption { get; set; }
    public bool AdminHideBrandedCloudStorage { get; set; }
}

/// <summary>Limits of the vendor's licence; empty is unlimited.</summary>
public class LicenseLimits : CometDocument
{
    [OmitEmpty, JsonPropertyName("deviceCount")]
    public long DeviceCount { get; set; }

    [OmitEmpty, JsonPropertyName("boosterCount")]
    public Dictionary<string, long> BoosterCount { get; set; } = [];
}

/// <summary>Counts at one time.</summary>
public class StatResult : CometDocument
{
    public long Buckets { get; set; }
    public long Users { get; set; }
    public long Devices { get; set; }
    public long Boosters { get; set; }
    public long NetworkDevices { get; set; }
}

/// <summary>Newer versions of the software.</summary>
public class SoftwareUpdateNewsResponse : CometDocument
{
    [JsonPropertyName("latest_stable")]
    public string LatestStable { get; set; } = "";

    [JsonPropertyName("latest_prerelease")]
    public string LatestPrerelease { get; set; } = "";

    [JsonPropertyName("downloads_url")]
    public string DownloadsUrl { get; set; } = "";

    [JsonPropertyName("updates_info")]
    public List<string> UpdatesInfo { get; set; } = [];
}

/// <summary>A message shown to users.</summary>
public class NewsEntry : CometDocument
{
    /// <summary>Tenant; empty for the top level.</summary>
    public string OrganizationID { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    public long DateTime { get; set; }

    public string TextContent { get; set; } = "";
}

/// <summary>How far a copy to another server is.</summary>
public class ReplicatorStateAPIResponse : CometDocument
{
    public string Description { get; set; } = "";
    public string RemoteServerID { get; set; } = "";
    public long DisplayClass { get; set; }
    public int ActiveWorkers { get; set; }
    public long TotalWorkers { get; set; }
    public long State { get; set; }
    public long ItemsQueued { get; set; }
    public long BytesQueued { get; set; }
    public long LastWorkerSubmitTime { get; set; }
    public long CurrentTime { get; set; }
    public long ItemsReplicated { get; set; }
    public long BytesReplicated { get; set; }
}

/// <summary>An installer that can be downloaded.</summary>
public class AvailableDownload : CometDocument
{
    public string Category { get; set; } = "";
    public string Description { get; set; } = "";
    public bool Recommended { get; set; }
}
