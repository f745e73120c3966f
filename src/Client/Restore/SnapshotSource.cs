using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore;

/// <summary>Finds the part of a snapshot that is restored.</summary>
internal static class SnapshotSource
{
    /// <summary>The nodes of a directory, or the one node that is no directory.</summary>
    public static async Task<IEnumerable<Node>> FindAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, string source, CancellationToken cancellationToken)
    {
        var (tree, node) = await GoAsync(vault, index, snapshot, source, cancellationToken);
        return node is { } single ? [single] : tree.Nodes;
    }

    /// <summary>The node of a file; null for anything else that the snapshot has there.</summary>
    public static async Task<Node?> TryFindFileAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, string source, CancellationToken cancellationToken) =>
        await GoAsync(vault, index, snapshot, source, cancellationToken) is (_, { Type: NodeType.File } file) ? file : null;

    // The directory at the end of the way, or what there is instead.
    private static async Task<(Tree Tree, Node? Node)> GoAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, string source, CancellationToken cancellationToken)
    {
        var tree = await vault.ReadTreeAsync(index, snapshot.Tree, cancellationToken);
        var names = source.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < names.Length; i++)
        {
            var name = Encoding.UTF8.GetBytes(names[i]);
            var node = tree.Nodes.FirstOrDefault(node => node.Name.Span.SequenceEqual(name));
            if (node is { Subtree: null } && i == names.Length - 1)
            {
                return (tree, node);
            }

            tree = node?.Subtree is { } subtree
                ? await vault.ReadTreeAsync(index, subtree, cancellationToken)
                : throw new VaultException(VaultFault.Missing, $"The snapshot has no {source}. `halley ls` shows what it has.");
        }

        return (tree, null);
    }
}
