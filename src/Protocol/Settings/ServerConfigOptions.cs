using Halley.Protocol.Administrators;
using Halley.Protocol.Comet;
using Halley.Protocol.Organizations;

namespace Halley.Protocol.Settings;

/// <summary>The configuration of the whole server.</summary>
public class ServerConfigOptions : CometDocument
{
    public List<AllowedAdminUser> AdminUsers { get; set; } = [];
    public AuthenticationRoleOptions AuthenticationRole { get; set; } = new();
    public BrandingOptions Branding { get; set; } = new();
    public ConstellationRoleOptions ConstellationRole { get; set; } = new();

    public ConstellationRoleOptions OverseerRole { get; set; } = new();

    public EmailOptions Email { get; set; } = new();

    [OmitEmpty]
    public List<string> ExperimentalOptions { get; set; } = [];

    public Dictionary<string, ExternalAuthenticationSource> ExternalAdminUserSources { get; set; } = [];
    public RatelimitOptions IPRateLimit { get; set; } = new();
    public LoginProtectionOptions LoginProtection { get; set; } = new();
    public LicenseOptions License { get; set; } = new();
    public List<HTTPConnectorOptions> ListenAddresses { get; set; } = [];
    public Dictionary<string, Organization> Organizations { get; set; } = [];
    public List<PSAConfig> PSAConfigs { get; set; } = [];
    public SelfBackupOptions SelfBackup { get; set; } = new();
    public SessionSettings SessionSettings { get; set; } = new();
    public SoftwareBuildRoleOptions SoftwareBuildRole { get; set; } = new();
    public StorageRoleOptions StorageRole { get; set; } = new();
    public bool TrustXForwardedFor { get; set; }
    public Dictionary<string, WebhookOption> WebhookOptions { get; set; } = [];
    public Dictionary<string, FileOption> AuditFileOptions { get; set; } = [];
}

/// <summary>When sign-ins are refused after too many failures.</summary>
public class LoginProtectionOptions : CometDocument
{
    public bool Enabled { get; set; }

    /// <summary>Failures after which sign-ins are refused.</summary>
    public long FailureThreshold { get; set; }

    /// <summary>Seconds for which they are refused.</summary>
    public long CooldownSeconds { get; set; }
}

/// <summary>How long sessions live.</summary>
public class SessionSettings : CometDocument
{
    /// <summary>Seconds without use after which a session ends; 0 is half an hour.</summary>
    public ulong ExpiredInSeconds { get; set; }
}

/// <summary>The vendor's licence; without meaning here.</summary>
public class LicenseOptions : CometDocument
{
    [OmitEmpty]
    public string Email { get; set; } = "";

    public string SerialNumber { get; set; } = "";
}

/// <summary>An address the server listens on.</summary>
public class HTTPConnectorOptions : CometDocument
{
    public string ListenAddress { get; set; } = "";

    [OmitEmpty]
    public string SSLCertPath { get; set; } = "";

    [OmitEmpty]
    public string SSLIntermediate { get; set; } = "";

    [OmitEmpty]
    public string SSLCertKey { get; set; } = "";

    [OmitEmpty]
    public string AutoSSLDomains { get; set; } = "";

    [OmitEmpty]
    public string SSLPfxPath { get; set; } = "";

    [OmitEmpty]
    public string SSLPfxPassword { get; set; } = "";
}

/// <summary>Limits of speed.</summary>
public class RatelimitOptions : CometDocument
{
    [OmitEmpty]
    public List<RatelimitRule> Rules { get; set; } = [];
}

/// <summary>A limit of speed for clients whose address matches.</summary>
public class RatelimitRule : CometDocument
{
    public string MatchRegex { get; set; } = "";
    public ulong BytesPerSecond { get; set; }
}
