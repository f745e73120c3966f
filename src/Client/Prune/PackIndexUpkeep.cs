using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Prune;

/// <summary>
/// Makes <c>packindex/</c> right: one list of packs for each snapshot. Lists that are damaged, name a pack that is gone, or belong to a
/// snapshot that is gone are deleted; missing ones are written.
/// </summary>
internal static class PackIndexUpkeep
{
    /// <returns>The number of lists that were written.</returns>
    public static async Task<int> RunAsync(
        Vault vault, IReadOnlyList<SnapshotEntry> snapshots, Action<PruneProgress>? onProgress, CancellationToken cancellationToken)
    {
        var index = await vault.LoadIndexAsync(cancellationToken);
        var missing = snapshots.ToDictionary(entry => entry.Id, entry => entry.Snapshot);
        var stale = new List<BlobName>();
        var lists = await vault.PackIndexes.ListAsync(error => stale.AddRange(error.File is { } file ? [file] : []), cancellationToken);
        foreach (var (file, list) in lists)
        {
            if (!list.Packs.All(pack => index.ContainsPack(pack)) || !missing.Remove(list.Snapshot))
            {
                stale.Add(BlobName.Of(BlobType.PackIndex, file.ToString()));
            }
        }

        var walk = new PackWalk(vault, index);
        var done = 0;
        foreach (var (id, snapshot) in missing)
        {
            var packs = await walk.FindAsync(snapshot.Tree, cancellationToken);
            await vault.PackIndexes.SaveAsync(new PackIndex(id, packs), cancellationToken);
            onProgress?.Invoke(new(PruneStage.Listing, ++done, missing.Count));
        }

        foreach (var name in stale)
        {
            await vault.DeleteAsync(name, cancellationToken);
        }

        return missing.Count;
    }
}
