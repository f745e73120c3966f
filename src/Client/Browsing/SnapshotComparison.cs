using System.Runtime.CompilerServices;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Browsing;

/// <summary>How an entry differs.</summary>
[Flags]
public enum SnapshotChange
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Only the second snapshot has it.</summary>
    Added = 1,

    /// <summary>Only the first snapshot has it.</summary>
    Removed = 2,

    /// <summary>It is of another type.</summary>
    Type = 4,

    /// <summary>The content of a file, or the target of a link, differs.</summary>
    Content = 8,

    /// <summary>Owner, permissions, times or attributes differ.</summary>
    Metadata = 16,
}

/// <summary>An entry that differs.</summary>
/// <param name="Entry">The entry; of the first snapshot when the second does not have it.</param>
/// <param name="Change">How.</param>
public readonly record struct SnapshotDifference(SnapshotNode Entry, SnapshotChange Change);

/// <summary>Compares the trees of two snapshots. A directory that both have alike is not read.</summary>
/// <param name="vault">The vault; locked by the caller, who need not be alone.</param>
/// <param name="index">Its index.</param>
/// <param name="comparesMetadata">Whether metadata counts.</param>
public sealed class SnapshotComparison(Vault vault, VaultIndex index, bool comparesMetadata)
{
    /// <summary>What differs. A directory comes before what is in it.</summary>
    /// <exception cref="VaultException">While it is enumerated: a directory cannot be read.</exception>
    public async IAsyncEnumerable<SnapshotDifference> RunAsync(
        BlobId first, BlobId second, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var levels = new Stack<(byte[] Path, IEnumerator<(Node? Left, Node? Right)> Pairs)>();
        levels.Push(([], await PairAsync(first, second, cancellationToken)));
        while (levels.TryPeek(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!level.Pairs.MoveNext())
            {
                levels.Pop();
                continue;
            }

            var (left, right) = level.Pairs.Current;
            var node = right ?? left!;
            var path = (byte[])[.. level.Path, (byte)'/', .. node.Name.Span];
            if (ChangeOf(left, right) is not SnapshotChange.None and var change)
            {
                yield return new(new SnapshotNode(path, node), change);
            }

            if (left?.Subtree != right?.Subtree)
            {
                levels.Push((path, await PairAsync(left?.Subtree, right?.Subtree, cancellationToken)));
            }
        }
    }

    private async ValueTask<IEnumerator<(Node? Left, Node? Right)>> PairAsync(
        BlobId? first, BlobId? second, CancellationToken cancellationToken) =>
        first == second
            ? Enumerable.Empty<(Node?, Node?)>().GetEnumerator()
            : Pair(await ReadAsync(first, cancellationToken), await ReadAsync(second, cancellationToken)).GetEnumerator();

    private async ValueTask<IReadOnlyList<Node>> ReadAsync(BlobId? tree, CancellationToken cancellationToken) =>
        tree is { } id ? [.. (await vault.ReadTreeAsync(index, id, cancellationToken)).Nodes] : [];

    // Both are in the order of bytes.
    private static IEnumerable<(Node? Left, Node? Right)> Pair(IReadOnlyList<Node> left, IReadOnlyList<Node> right)
    {
        var (l, r) = (0, 0);
        while (l < left.Count || r < right.Count)
        {
            var order = l == left.Count ? 1 : r == right.Count ? -1 : left[l].Name.Span.SequenceCompareTo(right[r].Name.Span);
            yield return (order <= 0 ? left[l++] : null, order >= 0 ? right[r++] : null);
        }
    }

    private SnapshotChange ChangeOf(Node? left, Node? right)
    {
        if (left is null || right is null)
        {
            return left is null ? SnapshotChange.Added : SnapshotChange.Removed;
        }

        var change = left.Type == right.Type ? SnapshotChange.None : SnapshotChange.Type;
        if (left.Type == NodeType.File && right.Type == NodeType.File && !SameContent(left, right))
        {
            change |= SnapshotChange.Content;
        }
        else if (left.Type == NodeType.Symlink && right.Type == NodeType.Symlink
            && !left.LinkTarget.Span.SequenceEqual(right.LinkTarget.Span))
        {
            change |= SnapshotChange.Content;
        }
        else if (comparesMetadata && change == SnapshotChange.None && !SameMetadata(left, right))
        {
            change |= SnapshotChange.Metadata;
        }

        return change;
    }

    private static bool SameContent(Node left, Node right) =>
        (left.Content is null && right.Content is null)
        || (left.Content is not null && right.Content is not null && left.Content.SequenceEqual(right.Content));

    private static bool SameMetadata(Node left, Node right) =>
        (left.Mode, left.UserId, left.GroupId, left.User, left.Group, left.Device, left.Links)
            == (right.Mode, right.UserId, right.GroupId, right.User, right.Group, right.Device, right.Links)
        && left.ModifyTime.IsSameInstant(right.ModifyTime)
        && left.ExtendedAttributes.Count == right.ExtendedAttributes.Count
        && left.ExtendedAttributes.Zip(right.ExtendedAttributes).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.Value.Span.SequenceEqual(pair.Second.Value.Span));
}
