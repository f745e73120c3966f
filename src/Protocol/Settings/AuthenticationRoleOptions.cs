using Halley.Protocol.Comet;

namespace Halley.Protocol.Settings;

/// <summary>The Auth Role.</summary>
public class AuthenticationRoleOptions : CometDocument
{
    public bool RoleEnabled { get; set; }
    public long DatabaseCheckLevel { get; set; }
    public bool GenerateMissedBackupEvents { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long NoMissedBackupEventsBefore { get; set; }

    public bool GenerateScheduledEmails { get; set; }

    /// <summary>Days that jobs are kept; 0 keeps them for ever.</summary>
    public long PruneLogsAfterDays { get; set; }

    public List<RemoteStorageOption> RemoteStorage { get; set; } = [];
    public List<ReplicaServer> ReplicateTo { get; set; } = [];

    public GlobalOverrideOptions GlobalOverrides { get; set; } = new();
}

/// <summary>Settings that every client obeys.</summary>
public class GlobalOverrideOptions : CometDocument
{
    [OmitEmpty]
    public ulong RandomDelaySecs { get; set; }
}

/// <summary>Another server to which this one copies itself.</summary>
public class ReplicaServer : CometDocument
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

    [OmitEmpty]
    public string ReplicaDeletionStrategy { get; set; } = "";
}
