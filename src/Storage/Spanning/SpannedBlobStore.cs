using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// A bucket whose files are spread over all volumes. There is no index: every look-up searches the volumes, so any tool may move a file
/// from one volume to another at any time.
/// </summary>
/// <remarks>
/// <para>A tool that moves a file between disks copies it under its final name and deletes the original when the copy is complete. A file
/// can therefore exist twice, with one of the copies growing: the longest copy counts. It can also appear on a volume that was already
/// searched, and vanish from one that was not. A file is "absent" only after several searches of every volume.</para>
/// </remarks>
internal sealed class SpannedBlobStore(VolumeSet volumes, string bucketId, DeleteHold? hold) : IBlobStore
{
    private const int DeleteAttempts = 4;

    // Two clients that create the same vault at once would otherwise write two configs, each to another volume.
    private readonly Lock _configGate = new();
    private Shares? _shares;

    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shares = CurrentShares();
        var seen = false;
        for (var round = 0; round < VolumeShare.RoundsOver(shares); round++)
        {
            var share = FindIn(shares, name, out var longest);
            seen = share is not null;

            // Read the length again after the search of all volumes: if this copy was growing, it is complete by the time the other is
            // gone.
            var length = share is null || shares.Length == 1 ? longest : share.Length(name);
            if (length is not null && length >= longest)
            {
                return ValueTask.FromResult(length);
            }
        }

        return ValueTask.FromResult<long?>(seen ? throw Restless(name) : Absent<long?>(shares));
    }

    public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shares = CurrentShares();
        var seen = false;
        for (var round = 0; round < VolumeShare.RoundsOver(shares); round++)
        {
            var share = FindIn(shares, name, out var longest);
            seen = share is not null;
            if (share?.Open(name) is { } reader)
            {
                if (reader.Length >= longest)
                {
                    return ValueTask.FromResult<BlobReader?>(reader);
                }

                reader.Dispose(); // it was moved away, and is being moved back
            }
        }

        return ValueTask.FromResult(seen ? throw Restless(name) : Absent<BlobReader?>(shares));
    }

    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shares = CurrentShares();
        if (name.Type == BlobType.Config)
        {
            VolumeShare.EnsureAllOnline(shares); // there might be one on a volume that is not there
        }

        using var placement = new SpannedPlacement(volumes.Placement, shares, length, _configGate);
        using var upload = new BlobUpload(name, length, placement);
        var result = await upload.RunAsync(content, cancellationToken);
        placement.Settle(result);
        return result;
    }

    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shares = CurrentShares();
        VolumeShare.EnsureAllOnline(shares);
        lock (volumes.Gates.Of(bucketId, name))
        {
            return ValueTask.FromResult(
                hold?.Holds(name.Type) == true ? HoldingDelete.Run(shares, name, volumes.Now) : DeleteEverywhere(shares, name));
        }
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) =>
        VaultDirectory.PartsOf(type).SelectMany(part => ReadPart(type, part, cancellationToken)).ToAsyncEnumerable();

    private static long? DeleteEverywhere(VolumeShare[] shares, BlobName name)
    {
        long? deleted = null;
        for (var attempt = 0; attempt < DeleteAttempts; attempt++)
        {
            foreach (var share in shares)
            {
                deleted = share.Delete(name) is { } length ? Math.Max(length, deleted ?? 0) : deleted;
            }

            if (VolumeShare.FindCertainly(shares, name).Count == 0)
            {
                return deleted;
            }
        }

        throw Restless(name);
    }

    private IEnumerable<BlobEntry> ReadPart(BlobType type, string part, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shares = CurrentShares();
        VolumeShare.EnsureNoneIsKnownToBeOffline(shares); // it would not be a complete list, and may never answer
        var entries = SpannedListing.Read(shares, type, part);
        VolumeShare.EnsureAllOnline(shares);
        return entries.Select(entry => new BlobEntry(entry.Key, entry.Value));
    }

    /// <summary>The share with the longest copy; null when no available volume has one.</summary>
    private static VolumeShare? FindIn(VolumeShare[] shares, BlobName name, out long? longest)
    {
        VolumeShare? best = null;
        longest = null;
        foreach (var share in shares)
        {
            if (share.Volume.Problem is null && share.Length(name) is { } length && (longest is null || length > longest))
            {
                (best, longest) = (share, length);
            }
        }

        return best;
    }

    private static TNothing? Absent<TNothing>(VolumeShare[] shares)
    {
        VolumeShare.EnsureAllOnline(shares);
        return default;
    }

    private static BlobStoreException Restless(BlobName name) =>
        new(BlobStoreFault.DiskError, $"{name} is being moved faster than it can be found. Try again.");

    private VolumeShare[] CurrentShares()
    {
        var current = volumes.Current;
        if (_shares is { } known && known.Volumes == current)
        {
            return known.Items;
        }

        var items = Array.ConvertAll(current, volume => new VolumeShare(volume, volume.Bucket(bucketId)));
        _shares = new Shares(current, items);
        return items;
    }

    private sealed record Shares(Volume[] Volumes, VolumeShare[] Items);
}
