using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Prune;

/// <summary>
/// Removes data that no snapshot needs. Whenever it stops, all snapshots can be restored: blobs that stay are in new packs and these in an
/// index before an old index file goes, and no index names a pack when it goes.
/// </summary>
public static class VaultPrune
{
    /// <summary>Prunes, or says what would be done.</summary>
    /// <param name="vault">The vault.</param>
    /// <param name="held">Its exclusive lock.</param>
    /// <param name="options">How far it goes.</param>
    /// <param name="cancellationToken">Cancels; the vault is whole, and the next prune goes on.</param>
    /// <exception cref="VaultException">
    /// A snapshot or an index file cannot be read, or something that a snapshot needs is missing: nothing was changed. Or a blob that was
    /// to be moved is damaged: nothing was removed that an index names.
    /// </exception>
    /// <exception cref="BlobStoreException">The store fails; the vault is whole.</exception>
    public static Task<PruneResult> RunAsync(Vault vault, VaultLock held, PruneOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(options);
        return options.Forgotten.Count > 0 && !options.IsDryRun
            ? throw new ArgumentException("Only a dry run may take snapshots for deleted.", nameof(options))
            : held.RunAloneAsync(token => PruneAsync(vault, options, token), cancellationToken);
    }

    private static async Task<PruneResult> PruneAsync(Vault vault, PruneOptions options, CancellationToken cancellationToken)
    {
        var snapshots = (await vault.Snapshots.ListAsync(cancellationToken))
            .Where(entry => !options.Forgotten.Contains(entry.Id)).ToList();
        var result = await PrunePacksAsync(vault, snapshots, options, cancellationToken);
        if (options.IsDryRun)
        {
            return result;
        }

        var written = await PackIndexUpkeep.RunAsync(vault, snapshots, options.OnProgress, cancellationToken);
        vault.TrimCache();
        return result with { PackIndexesWritten = written };
    }

    private static async Task<PruneResult> PrunePacksAsync(
        Vault vault, IReadOnlyList<SnapshotEntry> snapshots, PruneOptions options, CancellationToken cancellationToken)
    {
        var index = await vault.LoadIndexAsync(cancellationToken);
        var used = new UsedBlobs(vault, index, trees => options.OnProgress?.Invoke(new(PruneStage.Reading, trees, null)));
        await used.AddAsync(snapshots, cancellationToken);
        var stored = await ListPacksAsync(vault, cancellationToken);
        var choice = new PackChoice(vault, index, used, stored, options);
        var fates = index.Packs.Index().Where(pack => choice.Of(pack.Index).Fate != PackFate.Keep)
            .ToLookup(pack => choice.Of(pack.Index).Fate, pack => pack.Item);
        var unindexed = stored.Where(pack => !index.ContainsPack(pack.Key)).ToList();
        RefuseBadPacks(index, choice);

        var result = choice.Summarize(unindexed.Select(pack => pack.Value));
        if (options.IsDryRun)
        {
            return result;
        }

        var old = fates[PackFate.Repack].Concat(fates[PackFate.Delete]).Select(pack => pack.Id).ToList();
        var gone = old.Concat(fates[PackFate.Missing].Select(pack => pack.Id)).ToHashSet();
        var deleting = new PackDeletion(vault, unindexed.Count + old.Count, options.OnProgress);
        await deleting.RunAsync(unindexed.Select(pack => pack.Key), cancellationToken);
        await RepackAsync(vault, index, choice, [.. fates[PackFate.Repack]], options, cancellationToken);
        await vault.RewriteIndexAsync(index, pack => !gone.Contains(pack), [], cancellationToken);
        await deleting.RunAsync(old, cancellationToken);
        return result;
    }

    private static async Task<Dictionary<BlobId, long>> ListPacksAsync(Vault vault, CancellationToken cancellationToken)
    {
        var packs = new Dictionary<BlobId, long>();
        await foreach (var entry in vault.Store.ListAsync(BlobType.Data, cancellationToken))
        {
            packs.Add(BlobId.Parse(entry.Id), entry.Length);
        }

        return packs;
    }

    // A pack without anything used may be as it likes.
    private static void RefuseBadPacks(VaultIndex index, PackChoice choice)
    {
        foreach (var (number, pack) in index.Packs.Index())
        {
            var use = choice.Of(number);
            if (use.UsedBlobs > 0 && !use.IsGood)
            {
                var name = BlobName.Of(BlobType.Data, pack.Id.ToString());
                throw new VaultException(
                    use.StoredSize < 0 ? VaultFault.Missing : VaultFault.Damaged, name,
                    (use.StoredSize < 0 ? $"{name} is missing" : $"{name} has {use.StoredSize} bytes instead of {use.Size}")
                    + " although snapshots need it, so nothing was changed. Get it from a copy of the vault, or run `halley repair`.");
            }
        }
    }

    private static async Task RepackAsync(
        Vault vault, VaultIndex index, PackChoice choice, IReadOnlyList<IndexedPack> packs, PruneOptions options,
        CancellationToken cancellationToken)
    {
        if (packs.Count == 0)
        {
            return;
        }

        var repacking = new Repacking(vault, index, choice.Keeps, choice.MustCompress);
        await repacking.RunAsync(
            packs, done => options.OnProgress?.Invoke(new(PruneStage.Repacking, done, packs.Count)), cancellationToken);
    }
}
