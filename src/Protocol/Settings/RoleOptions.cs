using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Settings;

/// <summary>The Storage Role.</summary>
public class StorageRoleOptions : CometDocument
{
    public bool RoleEnabled { get; set; }
    public DestinationLocation Storage { get; set; } = new();

    [OmitEmpty]
    public List<LocalStorageDirectory> LocalStorage { get; set; } = [];

    public List<ReplicaServer> ReplicateTo { get; set; } = [];
}

/// <summary>A directory of the Storage Role.</summary>
public class LocalStorageDirectory : CometDocument
{
    public string Path { get; set; } = "";
}

/// <summary>The role that builds installers; not on this server.</summary>
public class SoftwareBuildRoleOptions : CometDocument
{
    public bool RoleEnabled { get; set; }
    public bool AllowUnauthenticatedDownloads { get; set; }
    public long MaxBuilders { get; set; }
}

/// <summary>The role that finds buckets nobody uses.</summary>
public class ConstellationRoleOptions : CometDocument
{
    public bool RoleEnabled { get; set; }
    public bool DeleteUnusedData { get; set; }
    public List<RemoteServerAddress> Servers { get; set; } = [];
}

/// <summary>Another server and how to sign in there.</summary>
public class RemoteServerAddress : CometDocument
{
    public string Type { get; set; } = "";
    public string Description { get; set; } = "";

    [OmitEmpty]
    public string RemoteAddress { get; set; } = "";

    [OmitEmpty]
    public string Username { get; set; } = "";

    [OmitEmpty]
    public string Password { get; set; } = "";

    public ExternalLDAPAuthenticationSourceSettings LDAP { get; set; } = new();

    public OidcConfig OIDC { get; set; } = new();

    public B2VirtualStorageRoleSettings B2 { get; set; } = new();

    public WasabiVirtualStorageRoleSettings Wasabi { get; set; } = new();

    public CustomRemoteBucketSettings Custom { get; set; } = new();

    public S3GenericVirtualStorageRole S3 { get; set; } = new();

    public AmazonAWSVirtualStorageRoleSettings AWS { get; set; } = new();

    public StorjVirtualStorageRoleSetting Storj { get; set; } = new();

    public ImpossibleCloudPartnerTemplateSettings ImpPartner { get; set; } = new();

    public ImpossibleCloudIAMTemplateSettings ImpUser { get; set; } = new();
}
