using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>One kind of command: how its arguments and its answer are checked, and how long the device may take.</summary>
internal sealed record CommandKind(string Name, Type Arguments, Type? Answer, TimeSpan Patience, bool ShowsFileNames)
{
    /// <summary>Null when the arguments are those of the kind, otherwise what is wrong with them.</summary>
    public string? ProblemWith(string arguments)
    {
        try
        {
            return JsonSerializer.Deserialize(arguments, Arguments, LiveJson.Arguments) is null ? "The arguments must be an object." : null;
        }
        catch (JsonException wrong)
        {
            return $"The arguments of {Name} are not right{(wrong.Path is { Length: > 0 } path ? $" at {path}" : "")}: they must be {Shape()}.";
        }
    }

    /// <summary>True when the answer of a device is what the kind answers.</summary>
    public bool IsAnswer(string answer)
    {
        if (Answer is null)
        {
            return true;
        }

        try
        {
            return JsonSerializer.Deserialize(answer, Answer, CometJson.Options) is { } read && !CometJson.HasGaps(read);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private string Shape() =>
        $"{{{string.Join(", ", Arguments.GetConstructors()[0].GetParameters().Select(field => $"\"{field.Name}\"{(field.IsOptional ? "?" : "")}: …"))}}}";
}

/// <summary>Every kind of command that this server gives.</summary>
internal static class CommandCatalog
{
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    // A device may first have to load the index of a vault.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, CommandKind> Kinds = new CommandKind[]
    {
        Starts<RunRuleArguments>(CommandKinds.RunRule),
        Starts<RunBackupArguments>(CommandKinds.RunBackup),
        Starts<RunRestoreArguments>(CommandKinds.RunRestore),
        Does<CancelJobArguments>(CommandKinds.CancelJob),
        Does<VaultArguments>(CommandKinds.ApplyRetention),
        Does<VaultArguments>(CommandKinds.ReindexVault),
        Does<VaultArguments>(CommandKinds.VerifyVault),
        Does<UnlockArguments>(CommandKinds.UnlockVault),
        Does<SnapshotsArguments>(CommandKinds.DeleteSnapshots),
        new(CommandKinds.ListSnapshots, typeof(VaultArguments), typeof(List<VaultSnapshot>), Long, ShowsFileNames: false),
        new(CommandKinds.ListStored, typeof(ListStoredArguments), typeof(List<StoredObject>), Long, ShowsFileNames: true),
        new(CommandKinds.SearchSnapshots, typeof(SearchSnapshotsArguments), typeof(Dictionary<string, List<SearchResultFileInfo>>), Long, ShowsFileNames: true),
        new(CommandKinds.BrowseFiles, typeof(BrowseArguments), typeof(List<StoredObject>), Short, ShowsFileNames: true),
        Does<NoArguments>(CommandKinds.RefetchProfile),
        Does<DestinationArguments>(CommandKinds.PingDestination),
        Does<TestShareArguments>(CommandKinds.TestShare),
        new(CommandKinds.ListImportSources, typeof(NoArguments), typeof(Dictionary<string, string>), Short, ShowsFileNames: false),
        Does<ImportArguments>(CommandKinds.ApplyImport),
        Does<LoginAddressArguments>(CommandKinds.UpdateLoginAddress),
        Does<LoginPasswordArguments>(CommandKinds.UpdateLoginPassword),
        Does<NoArguments>(CommandKinds.ForceLogin),
        Does<UpdateSoftwareArguments>(CommandKinds.UpdateSoftware),
        Does<UninstallArguments>(CommandKinds.UninstallSoftware),
    }.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => Kinds.Keys;

    public static CommandKind? Find(string name) => Kinds.GetValueOrDefault(name);

    public static CommandKind Of(string name) => Kinds[name];

    private static CommandKind Starts<TArguments>(string name) => new(name, typeof(TArguments), typeof(StartedJob), Short, ShowsFileNames: false);

    private static CommandKind Does<TArguments>(string name) => new(name, typeof(TArguments), Answer: null, Short, ShowsFileNames: false);
}
