using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Agent.Running;

/// <summary>
/// What a snapshot says about the protected item it is of: two tags, which survive in every program that reads vaults, and in copies.
/// </summary>
internal static class ItemTags
{
    private const string Item = "halley:item=";
    private const string Engine = "halley:engine=";

    /// <summary>The tags of a backup.</summary>
    /// <param name="itemId">Id of the protected item.</param>
    /// <param name="engine">Its engine.</param>
    /// <param name="further">Tags of the user, separated by commas.</param>
    public static IReadOnlyList<string> Of(string itemId, string engine, string further) =>
    [
        Item + itemId, Engine + engine,
        .. further.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(tag => !IsOwn(tag)).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Id of the protected item; empty for a snapshot that was made by hand.</summary>
    public static string ItemOf(Snapshot snapshot) => ValueOf(snapshot, Item);

    /// <summary>The engine; that of files when the snapshot does not say.</summary>
    public static string EngineOf(Snapshot snapshot) => ValueOf(snapshot, Engine) is { Length: > 0 } engine ? engine : FileItem.Engine;

    /// <summary>The tags of the user.</summary>
    public static List<string> FurtherOf(Snapshot snapshot) => [.. snapshot.Tags.Where(tag => !IsOwn(tag))];

    private static bool IsOwn(string tag) =>
        tag.StartsWith(Item, StringComparison.Ordinal) || tag.StartsWith(Engine, StringComparison.Ordinal);

    private static string ValueOf(Snapshot snapshot, string name) =>
        snapshot.Tags.FirstOrDefault(tag => tag.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? "";
}
