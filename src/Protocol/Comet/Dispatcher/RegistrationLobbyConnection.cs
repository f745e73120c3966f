namespace Halley.Protocol.Comet;

/// <summary>A device that is installed and waits to be signed in. Nothing that it says of itself is proven.</summary>
public class RegistrationLobbyConnection : CometDocument
{
    public string DeviceID { get; set; } = "";

    /// <summary>The tenant through whose address it came; empty for the server's own.</summary>
    public string OrganizationID { get; set; } = "";

    public string FriendlyName { get; set; } = "";

    /// <summary>Version of its client.</summary>
    public string ReportedVersion { get; set; } = "";

    /// <summary>Operating system and processor.</summary>
    public string ReportedPlatform { get; set; } = "";

    [OmitEmpty]
    public OSInfo? ReportedPlatformVersion { get; set; }

    [OmitEmpty]
    public string DeviceTimeZone { get; set; } = "";

    [OmitEmpty]
    public string IPAddress { get; set; } = "";

    /// <summary>The name of the server by which it came.</summary>
    [OmitEmpty]
    public string Host { get; set; } = "";

    /// <summary>Unix seconds since which it waits.</summary>
    public long ConnectionTime { get; set; }
}
