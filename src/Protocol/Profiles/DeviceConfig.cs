using System.Text.Json.Serialization;
using Halley.Protocol.Comet;

namespace Halley.Protocol.Profiles;

/// <summary>A device that is registered with the account.</summary>
public class DeviceConfig : CometDocument
{
    public string FriendlyName { get; set; } = "";

    /// <summary>Unix seconds; 0 is never.</summary>
    [OmitEmpty]
    public long RegistrationTime { get; set; }

    public OSInfo PlatformVersion { get; set; } = new();

    [OmitEmpty]
    public Dictionary<string, SourceBasicInfo> Sources { get; set; } = [];

    [OmitEmpty]
    public string DeviceTimezone { get; set; } = "";

    [OmitEmpty]
    public string ClientVersion { get; set; } = "";

    [OmitEmpty]
    public string SyncroUUID { get; set; } = "";
}

/// <summary>The operating system of a device.</summary>
public class OSInfo : CometDocument
{
    [OmitEmpty, JsonPropertyName("version")]
    public string Version { get; set; } = "";

    [OmitEmpty, JsonPropertyName("distribution")]
    public string Distribution { get; set; } = "";

    [OmitEmpty, JsonPropertyName("build")]
    public string Build { get; set; } = "";

    [OmitEmpty, JsonPropertyName("os")]
    public string Os { get; set; } = "";

    [OmitEmpty, JsonPropertyName("arch")]
    public string Arch { get; set; } = "";
}

/// <summary>What other devices need to know of a device's protected item, to run retention on a vault they share.</summary>
public class SourceBasicInfo : CometDocument
{
    public string Engine { get; set; } = "";
    public string Description { get; set; } = "";
    public long O365AccountCount { get; set; }
    public long TotalVmCount { get; set; }

    /// <summary>Bytes.</summary>
    public long Size { get; set; }

    [OmitEmpty]
    public Dictionary<string, RetentionPolicy> OverrideDestinationRetention { get; set; } = [];
}
