using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>Writes the content of one file of a snapshot to a stream.</summary>
public static class FileContentRestore
{
    /// <summary>Writes a file.</summary>
    /// <param name="vault">The vault; locked by the caller, who need not be alone.</param>
    /// <param name="index">Its index.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="path">The path of the file, from the root of the snapshot on.</param>
    /// <param name="output">Gets the content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the path is that of something else than a file; then nothing was written.</returns>
    /// <exception cref="VaultException">The snapshot does not have the path, or a part of the file cannot be read.</exception>
    public static async Task<bool> TryRunAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, string path, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(output);
        if (await SnapshotSource.TryFindFileAsync(vault, index, snapshot, path, cancellationToken) is not { } node)
        {
            return false;
        }

        if (node.Content is null && node.Size > 0)
        {
            throw new VaultException(VaultFault.Damaged, $"{path} has no content in the snapshot. Run `halley check`.");
        }

        foreach (var id in node.Content ?? [])
        {
            await output.WriteAsync(await vault.ReadBlobAsync(index, BlobKind.Data, id, cancellationToken), cancellationToken);
        }

        await output.FlushAsync(cancellationToken);
        return true;
    }
}
