using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Server.AdminWeb.Devices;

/// <summary>The titles of commands on pages.</summary>
internal static class CommandWords
{
    /// <summary>The kind in words, with the rule or vault that the command is about.</summary>
    public static string TitleOf(DeviceCommandInfo command, UserProfileConfig? profile)
    {
        var title = CommandCatalog.Find(command.Kind)?.Title ?? command.Kind;
        return profile is null || command.Subject.Length == 0 ? title
            : profile.BackupRules.TryGetValue(command.Subject, out var rule) ? $"{title} “{NameOf(profile, rule)}”"
            : $"{title} “{VaultName(profile, command.Subject)}”";
    }

    public static string NameOf(UserProfileConfig profile, BackupRuleConfig rule)
    {
        var source = profile.Sources.TryGetValue(rule.Source, out var found) ? found.Description : rule.Source;
        return rule.Description.Length > 0 ? rule.Description : $"{source} → {VaultName(profile, rule.Destination)}";
    }

    public static string VaultName(UserProfileConfig profile, string id) =>
        profile.Destinations.TryGetValue(id, out var vault) && vault.Description.Length > 0 ? vault.Description : id;
}
