using Halley.Client.Repository.Snapshots;

namespace Halley.Cli.Output;

/// <summary>Snapshots by machine, paths and tags.</summary>
internal static class SnapshotGroups
{
    /// <summary>The groups, each with its snapshots in their order.</summary>
    /// <param name="snapshots">The snapshots.</param>
    /// <param name="words"><c>host</c>, <c>paths</c> and <c>tags</c>, separated by commas; empty for one group.</param>
    public static IReadOnlyList<(GroupKey Key, IReadOnlyList<SnapshotEntry> Snapshots)> Of(
        IEnumerable<SnapshotEntry> snapshots, string words)
    {
        var by = words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => word is "host" or "path" or "paths" or "tag" or "tags" ? word
                : throw new CommandException($"'{word}' cannot be grouped by. Use host, paths and tags."))
            .ToList();
        return [.. snapshots
            .GroupBy(entry => KeyOf(entry.Snapshot, by))
            .Select(group => (ObjectOf(group.First().Snapshot, by), (IReadOnlyList<SnapshotEntry>)[.. group]))];
    }

    /// <summary>The same text for snapshots of one group.</summary>
    public static string KeyOf(Snapshot snapshot, IReadOnlyCollection<string> by) => string.Join(
        '\n',
        by.Contains("host") ? snapshot.HostName : "",
        By(by, "path") ? string.Join('\0', snapshot.Paths.Order(StringComparer.Ordinal)) : "",
        By(by, "tag") ? string.Join('\0', snapshot.Tags.Order(StringComparer.Ordinal)) : "");

    public static string TextOf(GroupKey key)
    {
        var parts = new List<string>();
        if (key.Hostname is not null)
        {
            parts.Add($"host {key.Hostname}");
        }

        if (key.Paths is not null)
        {
            parts.Add($"paths {string.Join(", ", key.Paths)}");
        }

        if (key.Tags is not null)
        {
            parts.Add(key.Tags.Count > 0 ? $"tags {string.Join(", ", key.Tags)}" : "no tags");
        }

        return parts.Count > 0 ? string.Join(", ", parts) : "the vault";
    }

    private static GroupKey ObjectOf(Snapshot snapshot, IReadOnlyCollection<string> by) => new(
        by.Contains("host") ? snapshot.HostName : null, By(by, "path") ? snapshot.Paths : null, By(by, "tag") ? snapshot.Tags : null);

    private static bool By(IReadOnlyCollection<string> by, string word) => by.Contains(word) || by.Contains($"{word}s");
}
