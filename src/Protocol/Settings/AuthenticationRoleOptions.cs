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

    [OmitEmpty]
    public GlobalOverrideOptions? GlobalOverrides { get; set; }
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

    [OmitEmpty]
    public ExternalLDAPAuthenticationSourceSettings? LDAP { get; set; }

    [OmitEmpty]
    public OidcConfig? OIDC { get; set; }

    [OmitEmpty]
    public B2VirtualStorageRoleSettings? B2 { get; set; }

    [OmitEmpty]
    public WasabiVirtualStorageRoleSettings? Wasabi { get; set; }

    [OmitEmpty]
    public CustomRemoteBucketSettings? Custom { get; set; }

    [OmitEmpty]
    public S3GenericVirtualStorageRole? S3 { get; set; }

    [OmitEmpty]
    public AmazonAWSVirtualStorageRoleSettings? AWS { get; set; }

    [OmitEmpty]
    public StorjVirtualStorageRoleSetting? Storj { get; set; }

    [OmitEmpty]
    public ImpossibleCloudPartnerTemplateSettings? ImpPartner { get; set; }

    [OmitEmpty]
    public ImpossibleCloudIAMTemplateSettings? ImpUser { get; set; }

    [OmitEmpty]
    public string ReplicaDeletionStrategy { get; set; } = "";
}
