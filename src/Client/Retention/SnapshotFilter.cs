using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Retention;

/// <summary>Which snapshots are meant, by host, tags and paths. Each part that is empty lets all pass.</summary>
public sealed record SnapshotFilter
{
    /// <summary>All snapshots.</summary>
    public static SnapshotFilter All { get; } = new();

    /// <summary>Names of machines, one of which made the snapshot.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Lists of tags; the snapshot has all tags of one list. One empty tag stands for snapshots without tags.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags { get; init; } = [];

    /// <summary>Paths, all of which the snapshot has.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>True when the snapshot is meant.</summary>
    public bool Matches(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return (Hosts.Count == 0 || Hosts.Contains(snapshot.HostName, StringComparer.Ordinal))
            && (Tags.Count == 0 || Tags.Any(tags => HasTags(snapshot, tags)))
            && !Paths.Except(snapshot.Paths, StringComparer.Ordinal).Any();
    }

    internal static bool HasTags(Snapshot snapshot, IReadOnlyList<string> tags) =>
        tags is [""] ? snapshot.Tags.Count == 0 : !tags.Except(snapshot.Tags, StringComparer.Ordinal).Any();
}
