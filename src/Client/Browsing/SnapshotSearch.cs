using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Retention;

namespace Halley.Client.Browsing;

/// <summary>Finds the snapshots that someone names: <c>latest</c>, or the first digits of an id.</summary>
public static class SnapshotSearch
{
    /// <summary>The word for the newest snapshot.</summary>
    public const string Latest = "latest";

    private const string Advice = "`halley snapshots` lists what there is.";

    /// <summary>A snapshot by name, or the newest one that fits.</summary>
    /// <param name="snapshots">All snapshots, the oldest first.</param>
    /// <param name="name"><see cref="Latest"/>, or the first digits of an id, for which <paramref name="filter"/> does not count.</param>
    /// <param name="filter">What the newest snapshot must fit.</param>
    /// <exception cref="VaultException">There is none, or several begin with these digits.</exception>
    public static SnapshotEntry Find(IReadOnlyList<SnapshotEntry> snapshots, string name, SnapshotFilter filter)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(filter);
        if (name == Latest)
        {
            return snapshots.LastOrDefault(entry => filter.Matches(entry.Snapshot)) ?? throw new VaultException(
                VaultFault.Missing,
                snapshots.Count == 0 ? "The vault has no snapshot yet. `halley backup` makes one." : $"No snapshot fits. {Advice}");
        }

        var found = snapshots.Where(entry => entry.Id.StartsWith(name)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VaultException(VaultFault.Missing, $"There is no snapshot {name}. {Advice}"),
            _ => throw new VaultException(VaultFault.Missing, $"{found.Count} snapshots begin with {name}. Give more digits of the id."),
        };
    }

    /// <summary>The named snapshots; those that fit when none is named. The oldest first.</summary>
    /// <exception cref="VaultException">A name fits none or several.</exception>
    public static IReadOnlyList<SnapshotEntry> FindAll(
        IReadOnlyList<SnapshotEntry> snapshots, IReadOnlyList<string> names, SnapshotFilter filter)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(filter);
        if (names.Count == 0)
        {
            return [.. snapshots.Where(entry => filter.Matches(entry.Snapshot))];
        }

        var ids = names.Select(name => Find(snapshots, name, filter).Id).ToHashSet();
        return [.. snapshots.Where(entry => ids.Contains(entry.Id))];
    }
}
