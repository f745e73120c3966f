using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Server.CometApi.Wire;

/// <summary>A device that is connected. The lists have it under the id of its connection, the <c>TargetID</c> of other calls.</summary>
internal sealed class LiveUserConnection : CometDocument
{
    public string Username { get; set; } = "";
    public string DeviceID { get; set; } = "";

    /// <summary>Version of its client.</summary>
    public string ReportedVersion { get; set; } = "";

    /// <summary>Operating system and processor.</summary>
    public string ReportedPlatform { get; set; } = "";

    public OSInfo ReportedPlatformVersion { get; set; } = new();

    [OmitEmpty]
    public string DeviceTimeZone { get; set; } = "";

    [OmitEmpty]
    public string IPAddress { get; set; } = "";

    /// <summary>Unix seconds since which it is connected.</summary>
    public long ConnectionTime { get; set; }

    /// <summary>False: the device refuses to show names of files.</summary>
    public bool AllowsFilenames { get; set; }
}

/// <summary>An installed device that waits for its sign-in. The server cannot verify any of its statements about itself.</summary>
internal sealed class RegistrationLobbyConnection : CometDocument
{
    public string DeviceID { get; set; } = "";

    /// <summary>The tenant through whose address it came; empty for the server's own.</summary>
    public string OrganizationID { get; set; } = "";

    public string FriendlyName { get; set; } = "";

    /// <summary>Version of its client.</summary>
    public string ReportedVersion { get; set; } = "";

    /// <summary>Operating system and processor.</summary>
    public string ReportedPlatform { get; set; } = "";

    public OSInfo ReportedPlatformVersion { get; set; } = new();

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

/// <summary>The response to calls that start a job on a device.</summary>
internal sealed class DispatchWithJobIDResponse : CometAnswer
{
    [OmitEmpty]
    public string JobID { get; set; } = "";
}

/// <summary>The snapshots in a vault.</summary>
internal sealed class DispatcherVaultSnapshotsResponse : CometAnswer
{
    public List<VaultSnapshot> Snapshots { get; set; } = [];
}

/// <summary>One folder, of a snapshot or of a device.</summary>
internal sealed class DispatcherStoredObjectsResponse : CometAnswer
{
    public List<StoredObject> StoredObjects { get; set; } = [];
}

/// <summary>The files found, by snapshot.</summary>
internal sealed class SearchSnapshotsResponse : CometAnswer
{
    public Dictionary<string, List<SearchResultFileInfo>> SnapshotFiles { get; set; } = [];
}

/// <summary>Other backup programs on a device whose settings could be imported: names by id.</summary>
internal sealed class DispatcherAdminSourcesResponse : CometAnswer
{
    public Dictionary<string, string> ImportSources { get; set; } = [];
}
