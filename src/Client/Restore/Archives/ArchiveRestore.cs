using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Restore.Archives;

/// <summary>A format of archives.</summary>
public enum ArchiveFormat
{
    /// <summary>The pax format of tar, which holds all that a snapshot has but sockets.</summary>
    Tar,

    /// <summary>Zip, which holds files, directories and symbolic links, with names as text.</summary>
    Zip,
}

/// <summary>What is written to an archive.</summary>
public sealed record ArchiveOptions
{
    /// <summary>The format.</summary>
    public ArchiveFormat Format { get; init; }

    /// <summary>The directory of the snapshot that becomes the root of the archive; a file or link is written on its own.</summary>
    public string Source { get; init; } = "/";

    /// <summary>Which paths are written.</summary>
    public RestoreSelection Selection { get; init; } = RestoreSelection.Everything;

    /// <summary>Gets what is not as it is in the snapshot.</summary>
    public required Action<RestoreWarning> OnWarning { get; init; }

    /// <summary>Deepest directory that is written; deeper ones are left out with a warning.</summary>
    public int DeepestDirectory { get; init; } = 2048;
}

/// <summary>
/// Writes a snapshot as an archive: for standard output, and for machines to which nothing can be restored directly. The order is that of
/// the trees, so packs are read blob by blob.
/// </summary>
public static class ArchiveRestore
{
    /// <summary>Writes an archive.</summary>
    /// <param name="vault">The vault; locked by the caller, who need not be alone.</param>
    /// <param name="index">Its index.</param>
    /// <param name="snapshot">What is written.</param>
    /// <param name="options">What of it.</param>
    /// <param name="output">Gets the archive.</param>
    /// <param name="cancellationToken">Cancels; the archive has no end then.</param>
    /// <exception cref="VaultException">The snapshot does not have the source, or the tree above it cannot be read.</exception>
    /// <exception cref="Halley.Storage.BlobStoreException">The store fails.</exception>
    public static async Task RunAsync(
        Vault vault, VaultIndex index, Snapshot snapshot, ArchiveOptions options, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        var nodes = await SnapshotSource.FindAsync(vault, index, snapshot, options.Source, cancellationToken);
        await using IArchive archive = options.Format == ArchiveFormat.Zip ? new ZipArchiveOutput(output) : new TarArchive(output);
        await new ArchiveWalk(vault, index, options, archive).RunAsync(nodes, cancellationToken);
    }
}
