using Halley.Client.Repository;

namespace Halley.Client.Retention;

/// <summary>What the snapshots of a group have in common.</summary>
[Flags]
public enum SnapshotGrouping
{
    /// <summary>Nothing: all snapshots are one group.</summary>
    None = 0,

    /// <summary>The machine.</summary>
    Host = 1,

    /// <summary>The paths.</summary>
    Paths = 2,

    /// <summary>The tags.</summary>
    Tags = 4,
}

/// <summary>Which snapshots stay.</summary>
public sealed record RetentionOptions
{
    /// <summary>The reasons to keep a snapshot.</summary>
    public required IReadOnlyList<KeepRule> Rules { get; init; }

    /// <summary>Which snapshots the rules are for; all others stay.</summary>
    public SnapshotFilter Filter { get; init; } = SnapshotFilter.All;

    /// <summary>Rules count within a group: the last seven of each machine and its paths, for example.</summary>
    public SnapshotGrouping Grouping { get; init; } = SnapshotGrouping.Host | SnapshotGrouping.Paths;

    /// <summary>Whether the rules may remove all snapshots of a group.</summary>
    public bool MayRemoveAll { get; init; }
}

/// <summary>A snapshot that stays.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Reasons">Why: one for each rule that keeps it.</param>
public sealed record KeptSnapshot(Repository.Snapshots.SnapshotEntry Snapshot, IReadOnlyList<string> Reasons);

/// <summary>What becomes of the snapshots of a group.</summary>
/// <param name="HostName">The machine that they share; null when groups do not go by machine.</param>
/// <param name="Paths">The paths that they share, in the order of their characters; null when groups do not go by paths.</param>
/// <param name="Tags">The tags that they share, in the order of their characters; null when groups do not go by tags.</param>
/// <param name="Kept">Those that stay, the newest first.</param>
/// <param name="Removed">Those that go, the newest first.</param>
public sealed record RetentionGroup(
    string? HostName, IReadOnlyList<string>? Paths, IReadOnlyList<string>? Tags, IReadOnlyList<KeptSnapshot> Kept,
    IReadOnlyList<Repository.Snapshots.SnapshotEntry> Removed);

/// <summary>What becomes of snapshots.</summary>
/// <param name="Groups">The groups, in the order of host, paths and tags.</param>
public sealed record RetentionPlan(IReadOnlyList<RetentionGroup> Groups)
{
    /// <summary>The names of those that go.</summary>
    public IReadOnlyList<BlobId> Removed => [.. Groups.SelectMany(group => group.Removed).Select(entry => entry.Id)];
}
