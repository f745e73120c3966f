using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// Finds the volume for one upload, and another one when that fails. Holds the promise of room while the upload is on its way.
/// </summary>
/// <param name="placement">Draws among the volumes.</param>
/// <param name="shares">The bucket's folders on all volumes.</param>
/// <param name="length">Announced size.</param>
/// <param name="configGate">The bucket's lock around the publishing of its config.</param>
internal sealed class SpannedPlacement(
    Placement placement, VolumeShare[] shares, long? length, Lock configGate) : IUploadPlacement, IDisposable
{
    /// <summary>Room that is promised to an upload which does not announce its size; clients of the vault protocol always do.</summary>
    private const long UnannouncedSize = 512L << 20;

    /// <summary>Up to this many volumes, the working memory is on the stack.</summary>
    private const int UsualVolumes = 64;

    private readonly long _size = VolumeSpace.OnDisk(length ?? UnannouncedSize);
    private readonly bool[] _tried = new bool[shares.Length];
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

        while (Choose() is >= 0 and var index)
        {
            _tried[index] = true;
            if (IsReady(shares[index].Volume) && TryPromise(shares[index].Volume))
            {
                _current = shares[index];
                return _current.Vault;
            }
        }

        if (Array.TrueForAll(shares, share => share.Volume.Problem is not null))
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "Every volume is offline.");
        }

        return _worst is null ? null : throw _worst;
    }

    /// <inheritdoc/>
    public IReadOnlyList<BlobCopy> CopiesOf(BlobName name)
    {
        if (name.Type == BlobType.Config)
        {
            return VolumeShare.FindCertainly(shares, name);
        }

        List<BlobCopy>? found = null;
        foreach (var share in shares)
        {
            if (LengthOn(share, name) is { } existing)
            {
                (found ??= []).Add(new BlobCopy(share.Vault, existing));
            }
        }

        return found ?? (IReadOnlyList<BlobCopy>)[];
    }

    /// <summary>Ends the promise of room, and deducts the stored bytes permanently.</summary>
    public void Settle(PutResult result)
    {
        _current?.Volume.Space.Settle(_size, result.Outcome == PutOutcome.Stored ? VolumeSpace.OnDisk(result.Length) : 0);
        _current = null;
    }

    /// <summary>Ends the promise of room of an upload that failed.</summary>
    public void Dispose() => Settle(new PutResult(PutOutcome.NoSpace, 0));

    // An unavailable volume may have a copy, too. Two copies do no harm.
    private static long? LengthOn(VolumeShare share, BlobName name)
    {
        try
        {
            return share.Volume.Problem is null ? share.Length(name) : null;
        }
        catch (BlobStoreException)
        {
            return null;
        }
    }

    /// <summary>The next volume to try, those that failed a moment ago last; -1 when none is left that has room.</summary>
    private int Choose()
    {
        Span<long> room = shares.Length <= UsualVolumes ? stackalloc long[shares.Length] : new long[shares.Length];
        Span<long> failing = shares.Length <= UsualVolumes ? stackalloc long[shares.Length] : new long[shares.Length];
        for (var i = 0; i < shares.Length; i++)
        {
            if (!_tried[i] && shares[i].Volume is { IsWritable: true, Problem: null } volume)
            {
                (volume.WriteFailedLately ? failing : room)[i] = RoomOn(volume);
            }
        }

        return placement.Choose(room) is >= 0 and var index ? index : placement.Choose(failing);
    }

    // Weighted by the room left after this upload, so a volume without room is never chosen; at least 1, so an exact fit counts.
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

    private bool TryPromise(Volume volume)
    {
        try
        {
            if (!volume.Space.TryPromise(_size))
            {
                return false;
            }

            if (volume.IsWritable)
            {
                return true;
            }

            volume.Space.Settle(_size, 0); // it was taken out of service between the choice and the promise, and must not be relied on
            return false;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            _worst = volume.Explain(error);
            return false;
        }
    }

    // The marker is checked before every write: nothing is ever written below a mount point whose disk is gone.
    private bool IsReady(Volume volume)
    {
        if (volume.Probe())
        {
            return true;
        }

        _worst = volume.Offline();
        return false;
    }
}
