namespace Halley.Protocol.Comet;

/// <summary>A profile with the hash of its present state.</summary>
public class GetProfileAndHashResponseMessage : CometAnswer
{
    public string ProfileHash { get; set; } = "";
    public UserProfileConfig Profile { get; set; } = new();
}

/// <summary>The hash of a profile's present state.</summary>
public class GetProfileHashResponseMessage : CometAnswer
{
    public string ProfileHash { get; set; } = "";
}

/// <summary>A protected item with the schedules that run it.</summary>
public class ProtectedItemWithBackupRulesResponse : CometAnswer
{
    public SourceConfig Source { get; set; } = new();

    [OmitEmpty]
    public Dictionary<string, BackupRuleConfig> BackupRules { get; set; } = [];

    public string ProfileHash { get; set; } = "";
}

/// <summary>A vault that was made on request, and the profile that now has it.</summary>
public class RequestStorageVaultResponseMessage : CometAnswer
{
    public string DestinationID { get; set; } = "";
    public string ProfileHash { get; set; } = "";
    public UserProfileConfig Profile { get; set; } = new();
}

/// <summary>An install token that was made.</summary>
public class InstallTokenResponse : CometAnswer
{
    public InstallToken InstallToken { get; set; } = new();
}

/// <summary>A token by which an installer signs a device in without the password.</summary>
public class InstallToken : CometDocument
{
    public string Username { get; set; } = "";
    public string Server { get; set; } = "";
    public string Token { get; set; } = "";

    /// <summary>Unix seconds.</summary>
    public long CreateTime { get; set; }

    public bool Used { get; set; }

    /// <summary>Unix seconds; 0 is never.</summary>
    public long ExpireTime { get; set; }
}

/// <summary>Choices of an administrator who saves a profile.</summary>
public class AdminOptions : CometDocument
{
    public PolicyOptions Policy { get; set; } = new();
}

/// <summary>Choices of an administrator who saves what a policy governs.</summary>
public class PolicyOptions : CometDocument
{
    public List<string> DeleteSources { get; set; } = [];
}

/// <summary>What becomes of the software on devices of a deleted account.</summary>
public class UninstallConfig : CometDocument
{
    public bool UninstallFlag { get; set; }
    public bool RemoveConfigFile { get; set; }
}
