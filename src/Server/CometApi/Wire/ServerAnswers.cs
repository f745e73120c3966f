using System.Text.Json.Serialization;
using Halley.Protocol.Comet;
using Halley.Protocol.Settings;

namespace Halley.Server.CometApi.Wire;

/// <summary>Public information about the server, available before sign-in.</summary>
internal sealed class ServerMetaBrandingProperties : CometDocument
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

/// <summary>An identity provider as shown at sign-in.</summary>
internal sealed class ExternalAuthenticationSourceDisplay : CometDocument
{
    public string DisplayName { get; set; } = "";
    public string LoginStartURL { get; set; } = "";
}

/// <summary>The part of the configuration about names, colours and images.</summary>
internal sealed class ServerConfigOptionsBrandingFragment : CometDocument
{
    public BrandingOptions Branding { get; set; } = new();
}

/// <summary>The part of the configuration about building installers.</summary>
internal sealed class ServerConfigOptionsSoftwareBuildRoleFragment : CometDocument
{
    public SoftwareBuildRoleOptions SoftwareBuildRole { get; set; } = new();
}

/// <summary>A file that was uploaded.</summary>
internal sealed class AdminResourceResponse : CometAnswer
{
    public string ResourceHash { get; set; } = "";
}

/// <summary>Counts at one time.</summary>
internal sealed class StatResult : CometDocument
{
    public long Buckets { get; set; }
    public long Users { get; set; }
    public long Devices { get; set; }
    public long Boosters { get; set; }
    public long NetworkDevices { get; set; }
}

/// <summary>How many jobs a search finds.</summary>
internal sealed class CountJobsResponse : CometDocument
{
    public long Count { get; set; }
}

/// <summary>A package of the client that can be downloaded.</summary>
internal sealed class AvailableDownload : CometDocument
{
    public string Category { get; set; } = "";
    public string Description { get; set; } = "";
    public bool Recommended { get; set; }
}
