using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Wire;

/// <summary>A profile with the hash of its present state.</summary>
internal sealed class GetProfileAndHashResponseMessage : CometAnswer
{
    public string ProfileHash { get; set; } = "";
    public UserProfileConfig Profile { get; set; } = new();
}

/// <summary>The hash of a profile's present state.</summary>
internal sealed class GetProfileHashResponseMessage : CometAnswer
{
    public string ProfileHash { get; set; } = "";
}

/// <summary>A protected item with the schedules that run it.</summary>
internal sealed class ProtectedItemWithBackupRulesResponse : CometAnswer
{
    public SourceConfig Source { get; set; } = new();

    [OmitEmpty]
    public Dictionary<string, BackupRuleConfig> BackupRules { get; set; } = [];

    public string ProfileHash { get; set; } = "";
}

/// <summary>A vault that was made on request, and the profile that now has it.</summary>
internal sealed class RequestStorageVaultResponseMessage : CometAnswer
{
    public string DestinationID { get; set; } = "";
    public string ProfileHash { get; set; } = "";
    public UserProfileConfig Profile { get; set; } = new();
}

/// <summary>Options of an administrator's save of a profile.</summary>
internal sealed class AdminOptions : CometDocument
{
    public PolicyOptions Policy { get; set; } = new();
}

/// <summary>Options of an administrator's save of a profile, for the objects that a policy governs.</summary>
internal sealed class PolicyOptions : CometDocument
{
    public List<string> DeleteSources { get; set; } = [];
}

/// <summary>What happens to the software on the devices of a deleted account.</summary>
internal sealed class UninstallConfig : CometDocument
{
    public bool UninstallFlag { get; set; }
    public bool RemoveConfigFile { get; set; }

    /// <summary>The same for our operations; null when the software stays.</summary>
    public static ClientRemoval? ToRemoval(UninstallConfig? config) =>
        config is { UninstallFlag: true } ? new ClientRemoval(config.RemoveConfigFile) : null;
}
