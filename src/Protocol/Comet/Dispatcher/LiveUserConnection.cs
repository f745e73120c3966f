namespace Halley.Protocol.Comet;

/// <summary>A device that is connected. The lists have it under the id of its connection, the <c>TargetID</c> of other calls.</summary>
public class LiveUserConnection : CometDocument
{
    public string Username { get; set; } = "";
    public string DeviceID { get; set; } = "";

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

    /// <summary>Unix seconds since which it is connected.</summary>
    public long ConnectionTime { get; set; }

    /// <summary>False: the device refuses to show names of files.</summary>
    public bool AllowsFilenames { get; set; }
}
