using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore;

/// <summary>
/// Restores a snapshot to a directory of Linux. What is right already is not written again, so a restore that was interrupted goes on when
/// it is started anew. Nothing is ever written outside the target, whatever the snapshot says: each name is created in an open directory,
/// and no symbolic link is followed.
/// </summary>
public static class VaultRestore
{
    /// <summary>Restores.</summary>
    /// <param name="vault">The vault; locked by the caller, who need not be alone.</param>
    /// <param name="index">Its index.</param>
    /// <param name="snapshot">What is restored.</param>
    /// <param name="options">What of it, to where and how.</param>
    /// <param name="cancellationToken">Cancels. What was restored stays, and a next run goes on from there.</param>
    /// <exception cref="VaultException">The snapshot does not have the source, or the tree above it cannot be read.</exception>
    /// <exception cref="Halley.Storage.BlobStoreException">The store fails; a next run goes on.</exception>
    /// <exception cref="IOException">The target cannot be opened, is full or cannot be written.</exception>
    /// <exception cref="ArgumentException">All of <c>/</c> would be emptied of what the snapshot does not have.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static async Task<RestoreResult> RunAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, RestoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Restoring to a directory needs Linux.");
        }

        if (options.DeletesExtra && Path.GetFullPath(options.Target) == "/" && options.Selection == RestoreSelection.Everything)
        {
            throw new ArgumentException("Deleting what the snapshot lacks from / needs a selection of paths.", nameof(options));
        }

        var report = new RestoreReport(options);
        using var walk = new RestoreWalk(vault, index, snapshot, options, report);
        await walk.RunAsync(await FindSourceAsync(vault, index, snapshot, options.Source, cancellationToken), cancellationToken);
        report.Progress();
        return report.ToResult();
    }

    // The nodes that become the content of the target.
    private static async Task<IEnumerable<Node>> FindSourceAsync(
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
