using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Retention;

/// <summary>How the tags of snapshots change.</summary>
public sealed record TagChange
{
    /// <summary>All tags that a snapshot has afterwards; null to change the ones it has.</summary>
    public IReadOnlyList<string>? Set { get; init; }

    /// <summary>Tags to add.</summary>
    public IReadOnlyList<string> Add { get; init; } = [];

    /// <summary>Tags to remove.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    internal IReadOnlyList<string> ApplyTo(IReadOnlyList<string> tags) =>
        [.. (Set ?? tags).Concat(Add).Distinct(StringComparer.Ordinal).Except(Remove, StringComparer.Ordinal)];
}

/// <summary>Changes the tags of snapshots.</summary>
public static class VaultTags
{
    /// <summary>
    /// Writes each snapshot whose tags change anew, then deletes its old file. When it stops in between, a snapshot may be there twice, and
    /// never not at all.
    /// </summary>
    /// <param name="vault">The vault.</param>
    /// <param name="held">Its exclusive lock.</param>
    /// <param name="snapshots">The snapshots.</param>
    /// <param name="change">How their tags change.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The old and new names of those that changed.</returns>
    /// <exception cref="BlobStoreException">The store fails; the rest was not changed.</exception>
    public static Task<IReadOnlyList<(BlobId Old, BlobId New)>> ChangeAsync(
        Vault vault, VaultLock held, IEnumerable<SnapshotEntry> snapshots, TagChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(change);
        return held.RunAloneAsync<IReadOnlyList<(BlobId, BlobId)>>(
            async token =>
            {
                var changed = new List<(BlobId, BlobId)>();
                foreach (var (id, snapshot) in snapshots)
                {
                    var tags = change.ApplyTo(snapshot.Tags);
                    if (!tags.SequenceEqual(snapshot.Tags))
                    {
                        changed.Add((id, await vault.Snapshots.ReplaceAsync(id, snapshot with { Tags = tags }, token)));
                    }
                }

                return changed;
            },
            cancellationToken);
    }
}
