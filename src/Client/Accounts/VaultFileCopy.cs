using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Accounts;

/// <summary>Progress of a copy of a vault's files.</summary>
/// <param name="Files">Files that are there now.</param>
/// <param name="Bytes">Their bytes.</param>
public readonly record struct VaultFilesCopied(long Files, long Bytes);

/// <summary>
/// Copies the files of a vault to another place as they are: both have the same keys and the same snapshots afterwards. Config is copied
/// last, so that an unfinished copy is no vault; a copy that was interrupted goes on with what is missing.
/// </summary>
internal static class VaultFileCopy
{
    private const int AtOnce = 4;

    // Packs before what names them, so that a reader of the copy never misses any. Files of packindex are made anew by a prune.
    private static readonly BlobType[] Order = [BlobType.Data, BlobType.Index, BlobType.Snapshots, BlobType.Keys];

    /// <summary>Copies what is missing, without locks and config.</summary>
    /// <returns>False when nothing was missing.</returns>
    public static async Task<bool> CopyAsync(
        IBlobStore from, IBlobStore to, IProgress<VaultFilesCopied>? progress, CancellationToken cancellationToken)
    {
        var (files, bytes) = (0L, 0L);
        foreach (var type in Order)
        {
            var present = await ListAsync(to, type, cancellationToken);
            var wanted = await ListAsync(from, type, cancellationToken);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(wanted.Where(file => !present.Contains(file)), options, async (file, token) =>
            {
                await CopyAsync(from, to, BlobName.Of(type, file.Key), token);
                progress?.Report(new(Interlocked.Increment(ref files), Interlocked.Add(ref bytes, file.Value)));
            });
        }

        return files > 0;
    }

    /// <summary>
    /// Ends the copy, while no other program changes the source: copies the rest, deletes from the copy what the source no longer has,
    /// compares, and copies config.
    /// </summary>
    /// <exception cref="VaultException">The target has another vault, or lacks files after all.</exception>
    public static async Task FinishAsync(IBlobStore from, IBlobStore to, CancellationToken cancellationToken)
    {
        await CopyAsync(from, to, progress: null, cancellationToken);
        foreach (var type in Order.Reverse())
        {
            var wanted = await ListAsync(from, type, cancellationToken);
            foreach (var id in (await ListAsync(to, type, cancellationToken)).Keys.Where(id => !wanted.ContainsKey(id)))
            {
                await to.DeleteAsync(BlobName.Of(type, id), cancellationToken);
            }

            var copied = await ListAsync(to, type, cancellationToken);
            if (copied.Count != wanted.Count || wanted.Any(file => !copied.Contains(file)))
            {
                throw new VaultException(
                    VaultFault.Missing, $"The copy lacks files of {BlobName.NameOf(type)}. Nothing was switched; try again.");
            }
        }

        await CopyAsync(from, to, BlobName.Config, cancellationToken);
        await RequireSameAsync(from, to, cancellationToken);
    }

    /// <summary>Makes sure that the target has no vault, or a copy of this one.</summary>
    public static async Task RequireSameAsync(IBlobStore from, IBlobStore to, CancellationToken cancellationToken)
    {
        if (await ReadAsync(to, BlobName.Config, cancellationToken) is { } other
            && await ReadAsync(from, BlobName.Config, cancellationToken) is { } own && !own.AsSpan().SequenceEqual(other))
        {
            throw new VaultException(
                VaultFault.VaultExists, "There is another vault at the new place. Choose an empty one; nothing was changed.");
        }
    }

    private static async Task CopyAsync(IBlobStore from, IBlobStore to, BlobName name, CancellationToken cancellationToken)
    {
        using var reader = await from.OpenAsync(name, cancellationToken);
        if (reader is null)
        {
            return; // pruned meanwhile; the comparison at the end decides
        }

        var content = new BlobReaderStream(reader);
        var result = await to.PutAsync(name, content, reader.Length, cancellationToken);
        switch (result.Outcome)
        {
            case PutOutcome.Stored or PutOutcome.AlreadyPresent:
                return;
            case PutOutcome.NoSpace:
                throw new VaultException(VaultFault.NoSpace, name, "The new place is full. Nothing was switched; make room and try again.");
            case PutOutcome.Busy:
                throw new BlobStoreException(BlobStoreFault.Offline, "The new place is busy. Try again.");
            case PutOutcome.Conflict:
                throw new VaultException(VaultFault.VaultExists, "There is another vault at the new place. Choose an empty one.");
            default:
                throw new VaultException(
                    VaultFault.Damaged, name, $"{name} is damaged, so it was not copied. Run `halley check` and `halley repair` first.");
        }
    }

    private static async Task<Dictionary<string, long>> ListAsync(IBlobStore store, BlobType type, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(type, cancellationToken))
        {
            files[entry.Id] = entry.Length;
        }

        return files;
    }

    private static async Task<byte[]?> ReadAsync(IBlobStore store, BlobName name, CancellationToken cancellationToken)
    {
        using var reader = await store.OpenAsync(name, cancellationToken);
        if (reader is null)
        {
            return null;
        }

        var content = new byte[reader.Length];
        await reader.ReadAsync(0, content, cancellationToken);
        return content;
    }
}
