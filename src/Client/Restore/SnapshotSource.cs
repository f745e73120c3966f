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
        var tree = await vault.ReadTreeAsync(index, snapshot.Tree, cancellationToken);
        var names = source.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < names.Length; i++)
        {
            var name = Encoding.UTF8.GetBytes(names[i]);
            var node = tree.Nodes.FirstOrDefault(node => node.Name.Span.SequenceEqual(name));
            if (node is { Subtree: null } && i == names.Length - 1)
            {
                return [node];
            }

            tree = node?.Subtree is { } subtree
                ? await vault.ReadTreeAsync(index, subtree, cancellationToken)
                : throw new VaultException(VaultFault.Missing, $"The snapshot has no {source}. `halley ls` shows what it has.");
        }

        return tree.Nodes;
    }
}
