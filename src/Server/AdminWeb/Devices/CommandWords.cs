using System.Text.Json;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Server.AdminWeb.Devices;

/// <summary>What commands are called on pages.</summary>
internal static class CommandWords
{
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        [CommandKinds.RunRule] = "Run backup rule",
        [CommandKinds.RunBackup] = "Back up to",
        [CommandKinds.RunRestore] = "Restore from",
        [CommandKinds.CancelJob] = "Cancel a job",
        [CommandKinds.ApplyRetention] = "Apply retention",
        [CommandKinds.ReindexVault] = "Rebuild index",
        [CommandKinds.VerifyVault] = "Verify vault",
        [CommandKinds.UnlockVault] = "Unlock vault",
        [CommandKinds.DeleteSnapshots] = "Delete snapshots",
        [CommandKinds.ListSnapshots] = "List snapshots",
        [CommandKinds.ListStored] = "List stored files",
        [CommandKinds.SearchSnapshots] = "Search snapshots",
        [CommandKinds.BrowseFiles] = "Browse files",
        [CommandKinds.RefetchProfile] = "Refetch profile",
        [CommandKinds.PingDestination] = "Try a destination",
        [CommandKinds.TestShare] = "Try a network share",
        [CommandKinds.ListImportSources] = "Look for settings to import",
        [CommandKinds.ApplyImport] = "Import settings",
        [CommandKinds.UpdateLoginAddress] = "Use another server",
        [CommandKinds.UpdateLoginPassword] = "Use another password",
        [CommandKinds.ForceLogin] = "Ask the user to sign in",
        [CommandKinds.UpdateSoftware] = "Update the software",
        [CommandKinds.UninstallSoftware] = "Remove the software",
    };

    /// <summary>The kind in words, with the rule or vault it is about when the arguments name one.</summary>
    public static string TitleOf(string kind, string? arguments, UserProfileConfig? profile)
    {
        var words = Kinds.GetValueOrDefault(kind, kind);
        return SubjectOf(arguments, profile) is { } subject ? $"{words} “{subject}”" : words;
    }

    public static string NameOf(UserProfileConfig profile, BackupRuleConfig rule) =>
        rule.Description.Length > 0 ? rule.Description
            : $"{(profile.Sources.TryGetValue(rule.Source, out var source) ? source.Description : rule.Source)} → {VaultName(profile, rule.Destination)}";

    public static string VaultName(UserProfileConfig profile, string id) =>
        profile.Destinations.TryGetValue(id, out var vault) && vault.Description.Length > 0 ? vault.Description : id;

    private static string? SubjectOf(string? arguments, UserProfileConfig? profile)
    {
        if (profile is null || string.IsNullOrEmpty(arguments))
        {
            return null;
        }

        using var document = JsonDocument.Parse(arguments);
        return TextOf(document, nameof(RunRuleArguments.Rule)) is { } rule ? profile.BackupRules.TryGetValue(rule, out var found) ? NameOf(profile, found) : rule
            : TextOf(document, nameof(VaultArguments.Destination)) is { } vault ? VaultName(profile, vault)
            : null;
    }

    private static string? TextOf(JsonDocument document, string field) =>
        document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(field, out var value)
            && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
