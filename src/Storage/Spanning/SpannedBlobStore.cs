using System.Runtime.CompilerServices;
using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// A bucket whose files are spread over all volumes. There is no index: every look-up asks the volumes, so a file may be moved from one
/// to another at any time with any tool.
/// </summary>
/// <remarks>
/// <para>A tool that moves a file between disks copies it under its final name and deletes the original when the copy is complete. So a
/// file can be there twice, one of the copies growing: the longest copy counts. And it can appear on a volume that was already asked
/// while it vanishes from one that was not: nothing is "absent" before every volume was asked several times.</para>
/// </remarks>
internal sealed class SpannedBlobStore(VolumeSet volumes, string bucketId) : IBlobStore
{
    /// <summary>A file would have to be moved this many times while the volumes are being asked to be overlooked.</summary>
    private const int Rounds = 4;

    // Two clients that create the same vault at once would otherwise write two configs, each to another volume.
    private readonly Lock _configGate = new();
    private Shares? _shares;

    public ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellation)
    {
        var shares = CurrentShares();
        for (var round = 0; round < Rounds; round++)
        {
            if (FindIn(shares, name, out var length) is not { } share)
            {
                continue;
            }

            // Read again now that all volumes were asked: if this copy was still growing, it is complete since the other one went.
            length = shares.Length == 1 ? length : share.Length(name);
            if (length is not null)
            {
                return ValueTask.FromResult(length);
            }
        }

        ConfirmAbsence(shares);
        return ValueTask.FromResult<long?>(null);
    }

    public ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellation)
    {
        var shares = CurrentShares();
        for (var round = 0; round < Rounds; round++)
        {
            if (FindIn(shares, name, out _)?.Open(name) is { } reader)
            {
                return ValueTask.FromResult<BlobReader?>(reader);
            }
        }

        ConfirmAbsence(shares);
        return ValueTask.FromResult<BlobReader?>(null);
    }

    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellation)
    {
        var shares = CurrentShares();
        if (name.Type == BlobType.Config)
        {
            EnsureAllOnline(shares); // there might be one on a volume that is not there
        }

        using var placement = new SpannedPlacement(volumes.Placement, shares, length, _configGate);
        using var upload = new BlobUpload(name, length, placement);
        var result = await upload.RunAsync(content, cancellation);
        placement.Settle(result);
        return result;
    }

    public ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellation)
    {
        var shares = CurrentShares();
        EnsureAllOnline(shares);
        long? deleted = null;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var share in shares)
            {
                deleted = share.Delete(name) ?? deleted;
            }

            if (FindIn(shares, name, out _) is null)
            {
                ConfirmAbsence(shares);
                return ValueTask.FromResult(deleted);
            }
        }

        throw new BlobStoreException(BlobStoreFault.DiskError, $"{name} reappeared each time it was deleted. Try again.");
    }

    public async IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var shares = CurrentShares();
        EnsureAllOnline(shares);
        foreach (var part in VaultDirectory.PartsOf(type))
        {
            cancellation.ThrowIfCancellationRequested();
            var entries = SpannedListing.Read(shares, type, part);
            ConfirmAbsence(shares);
            foreach (var (id, length) in entries)
            {
                yield return new BlobEntry(id, length);
            }
        }

        await ValueTask.CompletedTask; // the interface is asynchronous for the sake of stores over a network
    }

    /// <summary>The share with the longest copy; null when no volume that could be asked has one.</summary>
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

    private static void EnsureAllOnline(VolumeShare[] shares)
    {
        foreach (var share in shares)
        {
            share.Volume.EnsureOnline();
        }

        if (shares.Length == 0)
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "There is no volume yet.");
        }
    }

    /// <summary>"Not found" is only true when every volume was really there to be asked.</summary>
    private static void ConfirmAbsence(VolumeShare[] shares) => EnsureAllOnline(shares);

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
