using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>What a reindex did, or would do.</summary>
/// <param name="PacksAdded">Packs that the index did not know, or not rightly.</param>
/// <param name="PacksRemoved">Packs that the index named and that do not exist.</param>
/// <param name="DamagedPacks">Packs whose header cannot be read. They are left to a repair.</param>
/// <param name="FilesReplaced">Index files that could not be read.</param>
/// <param name="IsChanged">Whether index files were written, or would be.</param>
public sealed record ReindexResult(
    int PacksAdded, int PacksRemoved, IReadOnlyList<DamagedFile> DamagedPacks, IReadOnlyList<DamagedFile> FilesReplaced, bool IsChanged);

/// <summary>Rebuilds the index from the packs; what is right in it stays.</summary>
public static class VaultReindex
{
    /// <summary>Rebuilds, or says what would change.</summary>
    /// <param name="vault">The vault, opened without a local cache, which could have copies of what is damaged.</param>
    /// <param name="held">Its exclusive lock.</param>
    /// <param name="readsAllHeaders">Whether the headers of packs are read that the index knows with their right size.</param>
    /// <param name="isDryRun">Only say what would change.</param>
    /// <param name="onPack">Receives the number of packs that were looked at, and of all.</param>
    /// <param name="cancellationToken">Cancels; the old index is still there.</param>
    /// <exception cref="BlobStoreException">The store fails; no pack has been forgotten.</exception>
    public static Task<ReindexResult> RunAsync(
        Vault vault, VaultLock held, bool readsAllHeaders, bool isDryRun, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        RepairedIndex.RefuseCache(vault);
        return held.RunAloneAsync(token => ReindexAsync(vault, readsAllHeaders, isDryRun, onPack, token), cancellationToken);
    }

    private static async Task<ReindexResult> ReindexAsync(
        Vault vault, bool readsAllHeaders, bool isDryRun, Action<int, int>? onPack, CancellationToken cancellationToken)
    {
        var repaired = await RepairedIndex.LoadAsync(vault, cancellationToken);
        await repaired.SurveyAsync(_ => readsAllHeaders, _ => false, onPack, cancellationToken);
        var damaged = repaired.Wrong.Where(pack => pack.State == PackState.Damaged).ToList();
        await repaired.ApplyAsync(keepsDamaged: true, cancellationToken);
        var isChanged = isDryRun
            ? repaired.Unreadable.Count > 0 || repaired.Wrong.Count > damaged.Count
            : await repaired.SaveAsync(stays: _ => true, cancellationToken);
        return new(
            repaired.Wrong.Count(pack => pack.State == PackState.Unindexed),
            repaired.Wrong.Count(pack => pack.State == PackState.Missing),
            [.. damaged.Select(pack => new DamagedFile(BlobName.Of(BlobType.Data, pack.Id.ToString()), pack.Reason))],
            [.. repaired.Unreadable],
            isChanged);
    }
}
