using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Backup;

/// <summary>
/// A directory of which not all entries are done. It has a place for each entry, and whatever thread ends the last one writes its tree.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="node">Its own node, without subtree; null for the root of a snapshot.</param>
/// <param name="before">The node of the snapshot that is compared with; null for none.</param>
/// <param name="parent">The directory above; null for the root.</param>
/// <param name="place">Its place there.</param>
internal sealed class PendingDirectory(BytePath path, Node? node, Node? before, PendingDirectory? parent, int place)
{
    private int _pending = 1; // the walk's own hold, until all entries have their places
    private Node?[] _nodes = [];

    public BytePath Path { get; } = path;

    public Node? Node { get; } = node;

    public Node? Before { get; } = before;

    public PendingDirectory? Parent { get; } = parent;

    public int Place { get; } = place;

    /// <summary>What is below it and named by a path of the backup; null when all of it is backed up.</summary>
    public PathTree? Only { get; init; }

    /// <summary>The file system to stay on; null for any.</summary>
    public ulong? FileSystem { get; init; }

    /// <summary>True for a directory where another file system is mounted that is not backed up.</summary>
    public bool IsMountPoint { get; init; }

    /// <summary>The nodes of the snapshot that is compared with; null when it does not have this directory.</summary>
    public IReadOnlyList<Node>? NodesBefore { get; set; }

    /// <summary>True when its entries cannot be listed; then it is left out.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>True when its tree would be written as it was, so that nobody needs to write it.</summary>
    public bool IsAsBefore => NodesBefore is { } before && Nodes.SequenceEqual(before, NodeComparison.Instance);

    /// <summary>The nodes that were readable, in their order, when all are done.</summary>
    public IEnumerable<Node> Nodes => _nodes.OfType<Node>();

    public void MakePlaces(int count) => _nodes = new Node?[count];

    public void Hold() => Interlocked.Increment(ref _pending);

    public void Set(int entry, Node done) => _nodes[entry] = done;

    /// <summary>Ends one hold; true for the caller that ended the last.</summary>
    public bool Release() => Interlocked.Decrement(ref _pending) == 0;
}
