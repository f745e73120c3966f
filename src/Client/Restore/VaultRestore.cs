using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;

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
        await walk.RunAsync(await SnapshotSource.FindAsync(vault, index, snapshot, options.Source, cancellationToken), cancellationToken);
        report.Progress();
        return report.ToResult();
    }
}
