using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Retention;

/// <summary>A snapshot that could not be deleted.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Error">Why.</param>
public sealed record ForgetFailure(BlobId Id, BlobStoreException Error);

/// <summary>What became of snapshots that were to be deleted.</summary>
/// <param name="Deleted">The names of those that were deleted.</param>
/// <param name="Failures">Those that could not be deleted.</param>
public sealed record ForgetResult(IReadOnlyList<BlobId> Deleted, IReadOnlyList<ForgetFailure> Failures);

/// <summary>Decides which snapshots stay, and deletes the others. Their data stays until the next prune.</summary>
public static class VaultRetention
{
    /// <summary>Decides; nothing is changed.</summary>
    /// <param name="snapshots">The snapshots of a vault.</param>
    /// <param name="options">What stays.</param>
    /// <param name="now">The time of the decision.</param>
    /// <exception cref="VaultException">
    /// There is no rule, or the rules would remove all snapshots of a group, which is more often a mistake than meant.
    /// </exception>
    public static RetentionPlan Plan(IEnumerable<SnapshotEntry> snapshots, RetentionOptions options, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Rules.Count == 0 && !options.MayRemoveAll)
        {
            throw new VaultException(VaultFault.Refused, "Nothing says which snapshots to keep, so all stay. Give at least one rule.");
        }

        var groups = snapshots.Where(entry => options.Filter.Matches(entry.Snapshot))
            .GroupBy(entry => KeyOf(entry.Snapshot, options.Grouping))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Decide([.. group.OrderByDescending(entry => entry.Snapshot.Time, ByTime)], options, now))
            .ToList();
        var emptied = groups.Find(group => group.Kept.Count == 0);
        return emptied is null || options.MayRemoveAll
            ? new RetentionPlan(groups)
            : throw new VaultException(
                VaultFault.Refused,
                $"The rules would remove all {emptied.Removed.Count} snapshots of {Describe(emptied)}, so nothing was removed. "
                + "Add a rule that keeps some, or say that all may go.");
    }

    /// <summary>Deletes snapshots. A snapshot is there wholly or not at all, whenever this stops.</summary>
    /// <param name="vault">The vault.</param>
    /// <param name="held">Its exclusive lock: a backup that compares itself with a snapshot must not lose it.</param>
    /// <param name="snapshots">The names of the snapshots.</param>
    /// <param name="cancellationToken">Cancels; the snapshots deleted until then are gone.</param>
    /// <returns>What was deleted now, and what could not be; the others were already gone.</returns>
    /// <exception cref="BlobStoreException">The store is offline or does not allow it, so the rest would fail, too.</exception>
    public static Task<ForgetResult> ForgetAsync(
        Vault vault, VaultLock held, IEnumerable<BlobId> snapshots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(held);
        return held.RunAloneAsync(
            async token =>
            {
                var deleted = new List<BlobId>();
                var failures = new List<ForgetFailure>();
                foreach (var id in snapshots)
                {
                    try
                    {
                        if (await vault.Snapshots.DeleteAsync(id, token))
                        {
                            deleted.Add(id);
                        }
                    }
                    catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
                    {
                        failures.Add(new(id, error));
                    }
                }

                return new ForgetResult(deleted, failures);
            },
            cancellationToken);
    }

    private static Comparer<VaultTime> ByTime { get; } = Comparer<VaultTime>.Create((left, right) => left.CompareTo(right));

    private static RetentionGroup Decide(IReadOnlyList<SnapshotEntry> group, RetentionOptions options, DateTimeOffset now)
    {
        var reasons = new List<string>?[group.Count];
        foreach (var rule in options.Rules)
        {
            rule.Apply(group, now, (number, reason) => (reasons[number] ??= []).Add(reason));
        }

        var first = group[0].Snapshot;
        var kept = group.Index().Where(entry => reasons[entry.Index] is not null)
            .Select(entry => new KeptSnapshot(entry.Item, reasons[entry.Index]!));
        return new(
            options.Grouping.HasFlag(SnapshotGrouping.Host) ? first.HostName : null,
            options.Grouping.HasFlag(SnapshotGrouping.Paths) ? Sorted(first.Paths) : null,
            options.Grouping.HasFlag(SnapshotGrouping.Tags) ? Sorted(first.Tags) : null,
            [.. kept],
            [.. group.Where((_, number) => reasons[number] is null)]);
    }

    // No path and no name contains NUL.
    private static string KeyOf(Snapshot snapshot, SnapshotGrouping grouping) => string.Join(
        "\0\0",
        grouping.HasFlag(SnapshotGrouping.Host) ? snapshot.HostName : "",
        grouping.HasFlag(SnapshotGrouping.Paths) ? string.Join('\0', Sorted(snapshot.Paths)) : "",
        grouping.HasFlag(SnapshotGrouping.Tags) ? string.Join('\0', Sorted(snapshot.Tags)) : "");

    private static IReadOnlyList<string> Sorted(IEnumerable<string> texts) => [.. texts.Order(StringComparer.Ordinal)];

    private static string Describe(RetentionGroup group) => string.Join(
        ", ",
        new[]
        {
            group.HostName is { } host ? $"host {host}" : null,
            group.Paths is { } paths ? $"paths {string.Join(", ", paths)}" : null,
            group.Tags is { Count: > 0 } tags ? $"tags {string.Join(", ", tags)}" : null,
        }.OfType<string>().DefaultIfEmpty("the vault"));
}
