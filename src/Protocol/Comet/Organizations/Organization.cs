namespace Halley.Protocol.Comet;

/// <summary>A tenant: its hosts, and settings of its own.</summary>
public class Organization : CometDocument
{
    public Dictionary<string, FileOption> AuditFileOptions { get; set; } = [];
    public BrandingOptions Branding { get; set; } = new();
    public ConstellationRoleOptions ConstellationRole { get; set; } = new();
    public EmailOptions Email { get; set; } = new();

    [OmitEmpty]
    public List<string> ExperimentalOptions { get; set; } = [];

    public List<string> Hosts { get; set; } = [];
    public string Name { get; set; } = "";
    public bool IsSuspended { get; set; }
    public List<PSAConfig> PSAConfigs { get; set; } = [];
    public List<RemoteStorageOption> RemoteStorage { get; set; } = [];
    public SoftwareBuildRoleOptions SoftwareBuildRole { get; set; } = new();
    public Dictionary<string, WebhookOption> WebhookOptions { get; set; } = [];
}

/// <summary>A tenant that was made or changed.</summary>
public class OrganizationResponse : CometAnswer
{
    public string ID { get; set; } = "";
    public Organization Organization { get; set; } = new();
}

/// <summary>The address at which the users of a tenant sign in.</summary>
public class OrganizationLoginURLResponse : CometDocument
{
    public string LoginURL { get; set; } = "";
}

/// <summary>A backup of one tenant's configuration.</summary>
public class SelfBackupExportOptions : CometDocument
{
    public DestinationLocation Location { get; set; } = new();
    public string EncryptionKey { get; set; } = "";
    public ulong EncryptionKeyFormat { get; set; }
    public long Compression { get; set; }
    public bool ExcludeJobsDB { get; set; }
    public bool IncludeServerLogs { get; set; }

    [OmitEmpty]
    public string RestrictToSingleOrgID { get; set; } = "";

    public long Index { get; set; }
}
