using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Files;
using Halley.Storage;

namespace Halley.Client.Repository.Snapshots;

/// <summary>A snapshot and its name.</summary>
/// <param name="Id">The name of its file.</param>
/// <param name="Snapshot">Its content.</param>
public sealed record SnapshotEntry(BlobId Id, Snapshot Snapshot);

/// <summary>The backups of a vault.</summary>
public sealed class VaultSnapshots
{
    private readonly VaultFiles _files;
    private readonly MetadataCache? _cache;

    internal VaultSnapshots(VaultFiles files, MetadataCache? cache) => (_files, _cache) = (files, cache);

    /// <summary>All snapshots, the oldest first.</summary>
    /// <exception cref="VaultException">One is damaged.</exception>
    public ValueTask<IReadOnlyList<SnapshotEntry>> ListAsync(CancellationToken cancellationToken) =>
        ListAsync(static error => throw error, cancellationToken);

    /// <summary>The readable snapshots, the oldest first.</summary>
    /// <param name="onDamage">Receives the error of each unreadable one; throws to stop.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<IReadOnlyList<SnapshotEntry>> ListAsync(Action<VaultException> onDamage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        var files = await _files.ListAsync(BlobType.Snapshots, cancellationToken);
        if (_cache is not null)
        {
            await _cache.KeepOnlyAsync(BlobType.Snapshots, files.Select(file => file.Id).ToHashSet(), cancellationToken);
        }

        var entries = new List<SnapshotEntry>(files.Count);
        foreach (var file in files)
        {
            try
            {
                if (await TryReadAsync(BlobId.Parse(file.Id), cancellationToken) is { } snapshot)
                {
                    entries.Add(new(BlobId.Parse(file.Id), snapshot));
                }
            }
            catch (VaultException error)
            {
                onDamage(error);
            }
        }

        entries.Sort(static (left, right) =>
            left.Snapshot.Time.CompareTo(right.Snapshot.Time) is not 0 and var order ? order : left.Id.CompareTo(right.Id));
        return entries;
    }

    /// <summary>A snapshot; null when it does not exist.</summary>
    /// <exception cref="VaultException">It is damaged.</exception>
    public ValueTask<Snapshot?> TryReadAsync(BlobId id, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(BlobType.Snapshots, id.ToString());
        return _files.TryReadAsync(name, text => SnapshotJson.Parse(name, text.Span), cancellationToken);
    }

    /// <summary>Names of snapshots that begin with some hex digits; one when a person's abbreviation is clear.</summary>
    public async ValueTask<IReadOnlyList<BlobId>> FindAsync(string digits, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(digits);
        var files = await _files.ListAsync(BlobType.Snapshots, cancellationToken);
        return [.. files.Where(file => file.Id.StartsWith(digits, StringComparison.Ordinal)).Select(file => BlobId.Parse(file.Id))];
    }

    /// <summary>
    /// Writes a snapshot. From then on all that its tree refers to must stay; so everything is stored and in an index before.
    /// </summary>
    public ValueTask<BlobId> SaveAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return _files.WriteAsync(BlobType.Snapshots, SnapshotJson.Write(snapshot), cancellationToken);
    }

    /// <summary>
    /// Writes a snapshot anew with other tags or times, then deletes the old version, whose name <see cref="Snapshot.Original"/> keeps.
    /// </summary>
    public async ValueTask<BlobId> ReplaceAsync(BlobId old, Snapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var id = await SaveAsync(snapshot with { Original = snapshot.Original ?? old }, cancellationToken);
        if (id != old)
        {
            await DeleteAsync(old, cancellationToken);
        }

        return id;
    }

    /// <summary>Deletes a snapshot; its data stays until the next prune. False when it was already gone.</summary>
    public ValueTask<bool> DeleteAsync(BlobId id, CancellationToken cancellationToken) =>
        _files.DeleteAsync(BlobName.Of(BlobType.Snapshots, id.ToString()), cancellationToken);
}
