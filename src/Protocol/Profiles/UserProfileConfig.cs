using Halley.Protocol.Comet;
using Halley.Protocol.Policies;

namespace Halley.Protocol.Profiles;

/// <summary>A user's profile. Secrets in it are encrypted by the client; the server reads the rest.</summary>
public class UserProfileConfig : CometDocument
{
    /// <summary>Name of the account; cannot change.</summary>
    public string Username { get; set; } = "";

    /// <summary>A label, free to choose.</summary>
    public string AccountName { get; set; } = "";

    /// <summary>IANA time zone, for schedules and reports of devices that have not said theirs.</summary>
    public string LocalTimezone { get; set; } = "";

    /// <summary>Language, such as <c>en_US</c>.</summary>
    public string LanguageCode { get; set; } = "";

    /// <summary>Tenant; empty for the top level.</summary>
    [OmitEmpty]
    public string OrganizationID { get; set; } = "";

    /// <summary>Group of the account, or empty.</summary>
    public string GroupID { get; set; } = "";

    /// <summary>Addresses that get reports.</summary>
    public List<string> Emails { get; set; } = [];

    /// <summary>Reports by address, before those of the policy and of the server.</summary>
    public Dictionary<string, UserCustomEmailSettings> OverrideEmailSettings { get; set; } = [];

    /// <summary>False sends none at all.</summary>
    public bool SendEmailReports { get; set; }

    /// <summary>Storage vaults by id.</summary>
    public Dictionary<string, DestinationConfig> Destinations { get; set; } = [];

    /// <summary>Always true.</summary>
    public bool SupportsDeviceAssociations { get; set; }

    /// <summary>Protected items by id.</summary>
    public Dictionary<string, SourceConfig> Sources { get; set; } = [];

    /// <summary>Schedules by id.</summary>
    public Dictionary<string, BackupRuleConfig> BackupRules { get; set; } = [];

    /// <summary>Registered devices by id.</summary>
    public Dictionary<string, DeviceConfig> Devices { get; set; } = [];

    /// <summary>True refuses every sign-in; nothing is deleted.</summary>
    public bool IsSuspended { get; set; }

    /// <summary>Unix seconds, set by the server; left out when it never was.</summary>
    [OmitEmpty]
    public long LastSuspended { get; set; }

    public bool AllProtectedItemsQuotaEnabled { get; set; }

    /// <summary>Limit of the sum of selected data, in bytes.</summary>
    public long AllProtectedItemsQuotaBytes { get; set; }

    /// <summary>Most devices; 0 is no limit.</summary>
    public long MaximumDevices { get; set; }

    public long QuotaOffice365ProtectedAccounts { get; set; }
    public long QuotaHyperVGuests { get; set; }
    public long QuotaVMwareGuests { get; set; }

    /// <summary>The policy whose copy <see cref="Policy"/> is; empty when that may be edited freely.</summary>
    public string PolicyID { get; set; } = "";

    /// <summary>The policy in force.</summary>
    public UserPolicy Policy { get; set; } = new();

    /// <summary>Format of the hash; 0 is clear text that the server is to hash.</summary>
    public long PasswordFormat { get; set; }

    /// <summary>bcrypt over base64(SHA-512(L-key)); masked for everybody but administrators.</summary>
    public string PasswordHash { get; set; } = "";

    /// <summary>What makes a reset without the old password possible, encrypted; empty when nothing does.</summary>
    [OmitEmpty]
    public string PasswordRecovery { get; set; } = "";

    /// <summary>False: the password alone is not enough.</summary>
    public bool AllowPasswordLogin { get; set; }

    /// <summary>True: a one-time code is needed.</summary>
    public bool AllowPasswordAndTOTPLogin { get; set; }

    /// <summary>Format of <see cref="TOTPKey"/>.</summary>
    public long TOTPKeyEncryptionFormat { get; set; }

    /// <summary>Secret of the one-time codes, encrypted by the server.</summary>
    public string TOTPKey { get; set; } = "";

    /// <summary>True: the next sign-in must change the password.</summary>
    public bool RequirePasswordChange { get; set; }

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    /// <summary>Random; tells accounts of one name on two servers apart.</summary>
    public string CreationGUID { get; set; } = "";

    /// <summary>Settings of the server that the client obeys.</summary>
    public UserServerConfig ServerConfig { get; set; } = new();

    /// <summary>Template of the vault that is made by itself.</summary>
    public string AutoStorageTemplateGUID { get; set; } = "";

    /// <summary>True: clients on Linux see home directories only.</summary>
    public bool LinuxHomedirSandbox { get; set; }
}

/// <summary>Settings of the whole server that a client obeys; a read-only copy in each profile.</summary>
public class UserServerConfig : CometDocument
{
    [OmitEmpty]
    public ulong RandomDelaySecs { get; set; }
}

/// <summary>Reports for one address, instead of those of the policy or the server.</summary>
public class UserCustomEmailSettings : CometDocument
{
    public List<EmailReportConfig> Reports { get; set; } = [];
}
