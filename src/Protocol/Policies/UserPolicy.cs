using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Protocol.Policies;

/// <summary>What a user may do, and what he gets by default.</summary>
public class UserPolicy : CometDocument
{
    public bool PreventRequestStorageVault { get; set; }
    public bool PreventAddCustomStorageVault { get; set; }
    public bool PreventEditStorageVault { get; set; }
    public bool HideCloudStorageBranding { get; set; }
    public bool PreventDeleteStorageVault { get; set; }
    public StorageVaultProviderPolicy StorageVaultProviders { get; set; } = new();
    public string DefaultNewStorageVault { get; set; } = "";
    public bool PreventNewProtectedItem { get; set; }
    public bool PreventEditProtectedItem { get; set; }
    public bool PreventDeleteProtectedItem { get; set; }
    public ProtectedItemEngineTypePolicy ProtectedItemEngineTypes { get; set; } = new();

    [OmitEmpty]
    public List<ExtraFileExclusion> FileAndFolderMandatoryExclusions { get; set; } = [];

    [OmitEmpty]
    public long ModeScheduleSkipAlreadyRunning { get; set; }

    [OmitEmpty]
    public long ModeScheduleLastJobFailDoRetry { get; set; }

    [OmitEmpty]
    public ulong ModeLastJobFailDoRetryTime { get; set; }

    [OmitEmpty]
    public ulong ModeLastJobFailDoRetryCount { get; set; }

    [OmitEmpty]
    public long ModeAdminResetPassword { get; set; }

    [OmitEmpty]
    public long ModeAdminViewFilenames { get; set; }

    [OmitEmpty]
    public long ModeRequireUserResetPassword { get; set; }

    public bool PreventDeleteSingleSnapshots { get; set; }
    public bool PreventChangeAccountPassword { get; set; }
    public bool PreventChangeEmailSettings { get; set; }
    public bool PreventChangeAccountName { get; set; }
    public bool PreventOpenAppUI { get; set; }
    public bool RequirePasswordOpenAppUI { get; set; }
    public bool HideAppImport { get; set; }
    public bool HideAppVersion { get; set; }
    public bool PreventOpenWebUI { get; set; }
    public bool PreventViewDeviceNames { get; set; }
    public DefaultEmailReportPolicy DefaultEmailReports { get; set; } = new();
    public RetentionPolicy DefaultStorageVaultRetention { get; set; } = new();
    public bool EnforceStorageVaultRetention { get; set; }
    public bool PreventProtectedItemRetention { get; set; }
    public bool AllowEditObjectLockRetention { get; set; }
    public Dictionary<string, SourceConfig> DefaultSources { get; set; } = [];
    public Dictionary<string, BackupRuleConfig> DefaultSourcesBackupRules { get; set; } = [];
    public Dictionary<string, DefaultSourceWithOSRestriction> DefaultSourcesWithOSRestriction { get; set; } = [];
    public Dictionary<string, BackupRuleConfig> DefaultBackupRules { get; set; } = [];

    [OmitEmpty]
    public ulong RandomDelaySecs { get; set; }

    public long RotateStorageVaultKeysHours { get; set; }
}

/// <summary>Which types of vaults a user may add.</summary>
public class StorageVaultProviderPolicy : CometDocument
{
    public bool ShouldRestrictProviderList { get; set; }
    public List<ulong> AllowedProvidersWhenRestricted { get; set; } = [];
}

/// <summary>Which types of protected items a user may add.</summary>
public class ProtectedItemEngineTypePolicy : CometDocument
{
    public bool ShouldRestrictEngineTypeList { get; set; }
    public List<string> AllowedEngineTypeWhenRestricted { get; set; } = [];
}

/// <summary>A pattern that is left out of every backup.</summary>
public class ExtraFileExclusion : CometDocument
{
    public string Exclude { get; set; } = "";
    public bool Regex { get; set; }
    public long RestrictOS { get; set; }
}

/// <summary>A protected item that devices of some operating systems get.</summary>
public class DefaultSourceWithOSRestriction : CometDocument
{
    public SourceConfig SourceConfig { get; set; } = new();
    public long RestrictOS { get; set; }
}

/// <summary>Reports that replace those of the server.</summary>
public class DefaultEmailReportPolicy : CometDocument
{
    public bool ShouldOverrideDefaultReports { get; set; }
    public List<EmailReportConfig> Reports { get; set; } = [];
}
