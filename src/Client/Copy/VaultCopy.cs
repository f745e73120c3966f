using System.Collections;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.KeyFiles;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Copy;

/// <summary>A snapshot that was to be copied.</summary>
/// <param name="Source">Its name in the source.</param>
/// <param name="Target">Its name in the target.</param>
/// <param name="IsNew">False when the target had it already.</param>
public sealed record CopiedSnapshot(BlobId Source, BlobId Target, bool IsNew);

/// <summary>Copies snapshots to another vault, which has a key of its own: everything is decrypted, verified and encrypted anew.</summary>
public static class VaultCopy
{
    /// <summary>
    /// Creates a vault that cuts files as another one does. Only then do backups into one find the chunks that were copied from the other.
    /// </summary>
    /// <param name="source">The other vault.</param>
    /// <param name="store">The store of the new one.</param>
    /// <param name="password">Its first password; not empty. The caller erases it.</param>
    /// <param name="parameters">The amount of work for the password; null measures this machine.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels. The vault may already have been created.</param>
    /// <exception cref="VaultException">The store already has a vault, or is full.</exception>
    public static ValueTask<Vault> CreateTargetAsync(
        Vault source, IBlobStore store, ReadOnlyMemory<char> password, ScryptParameters? parameters, VaultOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var config = VaultConfig.Create() with { Polynomial = source.Config.Polynomial };
        return Vault.CreateAsync(store, config, password, parameters, options ?? new VaultOptions(), cancellationToken);
    }

    /// <summary>Copies snapshots that the target does not have. Each is there wholly or not at all, whenever this stops.</summary>
    /// <param name="source">The vault to copy from; locked by the caller, who need not be alone.</param>
    /// <param name="target">The vault to copy to.</param>
    /// <param name="held">The target's lock; shared is enough.</param>
    /// <param name="snapshots">The snapshots of the source.</param>
    /// <param name="onSnapshot">Receives each snapshot when it is done.</param>
    /// <param name="cancellationToken">Cancels; what was copied stays, and a next run does not copy it again.</param>
    /// <exception cref="VaultException">Something of a snapshot cannot be read, or the target cannot take it.</exception>
    /// <exception cref="BlobStoreException">A store fails.</exception>
    public static Task<IReadOnlyList<CopiedSnapshot>> RunAsync(
        Vault source, Vault target, VaultLock held, IEnumerable<SnapshotEntry> snapshots, Action<CopiedSnapshot>? onSnapshot,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(held);
        return source.Config.Id == target.Config.Id
            ? throw new VaultException(VaultFault.Refused, "Source and target are the same vault, or one is a copy of the other's files.")
            : held.RunAsync(token => CopyAsync(source, target, [.. snapshots], onSnapshot, token), cancellationToken);
    }

    private static async Task<IReadOnlyList<CopiedSnapshot>> CopyAsync(
        Vault source, Vault target, IReadOnlyList<SnapshotEntry> snapshots, Action<CopiedSnapshot>? onSnapshot,
        CancellationToken cancellationToken)
    {
        var present = await target.Snapshots.ListAsync(cancellationToken); // before the index
        var blobs = new BlobCopy(
            source, await source.LoadIndexAsync(cancellationToken), target, await target.LoadIndexAsync(cancellationToken));
        var copied = new List<CopiedSnapshot>();
        foreach (var entry in snapshots)
        {
            var same = present.FirstOrDefault(other => IsCopy(entry, other));
            var id = same?.Id ?? await CopyAsync(entry);
            copied.Add(new(entry.Id, id, same is null));
            onSnapshot?.Invoke(copied[^1]);
        }

        return copied;

        async Task<BlobId> CopyAsync(SnapshotEntry entry)
        {
            await blobs.RunAsync(entry.Snapshot.Tree, cancellationToken);
            var copy = entry.Snapshot with { Original = entry.Snapshot.Original ?? entry.Id, Parent = null };
            return await target.Snapshots.SaveAsync(copy, cancellationToken);
        }
    }

    // A snapshot may have been copied here, or from here to there, or both from a third vault.
    private static bool IsCopy(SnapshotEntry entry, SnapshotEntry other) =>
        (entry.Snapshot.Original ?? entry.Id) == (other.Snapshot.Original ?? other.Id)
        && entry.Snapshot.Tree == other.Snapshot.Tree
        && entry.Snapshot.Time.IsSameInstant(other.Snapshot.Time)
        && entry.Snapshot.Tags.SequenceEqual(other.Snapshot.Tags);

    /// <summary>
    /// Copies the blobs that trees need, each once: first the trees are read, then each pack of the source with what is wanted of it.
    /// </summary>
    private sealed class BlobCopy(Vault source, VaultIndex from, Vault target, VaultIndex to)
    {
        private readonly BitArray _seen = new(from.BlobCount);
        private BitArray _wanted = new(from.BlobCount);

        public async Task RunAsync(BlobId root, CancellationToken cancellationToken)
        {
            await FindWantedAsync(root, cancellationToken);
            await using var writer = target.CreatePackWriter(to);
            var options = new ParallelOptions
            {
                MaxDegreeOfParallelism = Math.Max(Environment.ProcessorCount, 2),
                CancellationToken = cancellationToken,
            };
            await Parallel.ForEachAsync(from.Packs, options, async (pack, token) => await CopyAsync(pack, writer, token));
            await writer.FinishAsync(cancellationToken);
            _wanted = new BitArray(from.BlobCount);
        }

        private async Task FindWantedAsync(BlobId root, CancellationToken cancellationToken)
        {
            var waiting = new Stack<BlobId>();
            Want(BlobKind.Tree, root, waiting);
            while (waiting.TryPop(out var id))
            {
                foreach (var node in (await source.ReadTreeAsync(from, id, cancellationToken)).Nodes)
                {
                    foreach (var chunk in node.Content ?? [])
                    {
                        Want(BlobKind.Data, chunk, waiting);
                    }

                    if (node.Subtree is { } subtree)
                    {
                        Want(BlobKind.Tree, subtree, waiting);
                    }
                }
            }
        }

        private void Want(BlobKind kind, BlobId id, Stack<BlobId> waiting)
        {
            if (!from.TryFind(kind, id, out var location))
            {
                throw VaultException.Missing(kind, id);
            }

            if (_seen[location.Number])
            {
                return;
            }

            _seen[location.Number] = true;
            _wanted[location.Number] = !to.Contains(kind, id);
            if (kind == BlobKind.Tree)
            {
                waiting.Push(id);
            }
        }

        private async ValueTask CopyAsync(IndexedPack old, PackWriter writer, CancellationToken cancellationToken)
        {
            var blobs = old.Blobs.Where(entry => _wanted[entry.Number]).Select(entry => entry.Blob).OrderBy(blob => blob.Offset).ToList();
            if (blobs.Count == 0)
            {
                return;
            }

            using var pack = await source.OpenPackAsync(old.Id, cancellationToken)
                ?? throw VaultException.Missing(BlobName.Of(BlobType.Data, old.Id.ToString()));
            using var decoder = source.CreateDecoder();
            using var encoder = target.CreateEncoder();
            await pack.ReadManyAsync(
                blobs, decoder,
                async blob =>
                {
                    // Of a damaged blob there may be another copy.
                    var (kind, id) = (blob.Blob.Kind, blob.Blob.Id);
                    var plain = blob.Damage == BlobDamage.None
                        ? blob.Plain
                        : await source.ReadBlobAsync(from, kind, id, cancellationToken);
                    await writer.SaveAsync(kind, id, plain, encoder, cancellationToken);
                },
                cancellationToken);
        }
    }
}
