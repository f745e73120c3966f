using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>Finds the volume for one upload, and another one when that fails. Holds the promise of room while the upload is on its way.</summary>
/// <param name="placement">Draws among the volumes.</param>
/// <param name="shares">The bucket's folders on all volumes.</param>
/// <param name="length">Announced size.</param>
/// <param name="configGate">The bucket's lock around the publishing of its config.</param>
internal sealed class SpannedPlacement(Placement placement, VolumeShare[] shares, long? length, Lock configGate) : IUploadPlacement, IDisposable
{
    /// <summary>Room that is promised to an upload which does not announce its size; clients of the vault protocol always do.</summary>
    private const long UnannouncedSize = 512L << 20;

    private readonly long _size = length ?? UnannouncedSize;
    private readonly HashSet<VolumeShare> _tried = [];
    private VolumeShare? _current;
    private Exception? _worst;

    /// <inheritdoc/>
    public Lock ConfigGate => configGate;

    /// <inheritdoc/>
    public VaultDirectory? Next(Exception? failure)
    {
        if (failure is not null && _current is { } failed)
        {
            failed.Volume.ReportFailedWrite();
            _worst = Errno.IsNoSpace(failure) ? _worst : failed.Volume.Explain(failure);
            Settle(default);
        }

        while ((Choose(share => !share.Volume.WriteFailedLately) ?? Choose(_ => true)) is { } next)
        {
            _tried.Add(next);
            if (IsReady(next) && next.Volume.Space.TryPromise(_size))
            {
                _current = next;
                return next.Vault;
            }
        }

        if (shares.All(share => share.Volume.Problem is not null))
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "Every volume is off line.");
        }

        return _worst is null ? null : throw _worst;
    }

    /// <inheritdoc/>
    public VaultDirectory? HolderOf(BlobName name, long? length)
    {
        foreach (var share in shares)
        {
            if (share.Volume.Problem is null && share.Length(name) is { } existing && (length is null || existing == length))
            {
                return share.Vault;
            }
        }

        return null;
    }

    /// <summary>Ends the promise of room; what was stored is deducted for good.</summary>
    public void Settle(PutResult result)
    {
        _current?.Volume.Space.Settle(_size, result.Outcome == PutOutcome.Stored ? result.Length : 0);
        _current = null;
    }

    /// <summary>Ends the promise of room of an upload that failed.</summary>
    public void Dispose() => Settle(new PutResult(PutOutcome.NoSpace, 0));

    private VolumeShare? Choose(Func<VolumeShare, bool> condition)
    {
        var candidates = shares.Where(share =>
            share.Volume is { IsWritable: true, Problem: null } && !_tried.Contains(share) && condition(share)).ToArray();
        Span<long> room = stackalloc long[candidates.Length];
        for (var i = 0; i < room.Length; i++)
        {
            room[i] = RoomOn(candidates[i].Volume);
        }

        return placement.Choose(room) is var index and >= 0 ? candidates[index] : null;
    }

    // Weighted by what is left after this upload, so that none is chosen that has no room for it; at least 1, so that an exact fit counts.
    private long RoomOn(Volume volume)
    {
        try
        {
            var left = volume.Space.Available - _size;
            return left < 0 ? 0 : left + 1;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            _worst = volume.Explain(error);
            return 0;
        }
    }

    // The marker is looked at before every write: nothing is ever written below a mount point whose disk has gone.
    private bool IsReady(VolumeShare share)
    {
        if (share.Volume.Probe())
        {
            return true;
        }

        _worst = share.Volume.Offline();
        return false;
    }
}
