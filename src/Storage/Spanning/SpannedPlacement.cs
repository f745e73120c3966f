using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>
/// Finds the volume for one upload, and another one when that fails. Holds the promise of room while the upload is on its way: for what
/// has arrived and a small step more, because the announced length is only the client's word.
/// </summary>
/// <param name="placement">Draws among the volumes.</param>
/// <param name="shares">The bucket's folders on all volumes.</param>
/// <param name="length">Announced size.</param>
/// <param name="configGate">The bucket's lock around the publishing of its config.</param>
internal sealed class SpannedPlacement(
    Placement placement, VolumeShare[] shares, long? length, Lock configGate) : IUploadPlacement, IDisposable
{
    /// <summary>Room that is promised to an upload before its bytes arrive.</summary>
    private const long Step = 1L << 20;

    /// <summary>Up to this many volumes, the working memory is on the stack.</summary>
    private const int UsualVolumes = 64;

    private readonly long _size = VolumeSpace.OnDisk(length ?? Step);
    private readonly bool[] _tried = new bool[shares.Length];
    private VolumeShare? _current;
    private long _promised;
    private bool _isOnlyPromised;
    private Exception? _worst;

    /// <inheritdoc/>
    public Lock ConfigGate => configGate;

    /// <inheritdoc/>
    public PutOutcome Shortage => _isOnlyPromised ? PutOutcome.Busy : PutOutcome.NoSpace;

    /// <inheritdoc/>
    public VaultDirectory? Next(Exception? failure)
    {
        if (failure is not null && _current is { } failed)
        {
            if (!Errno.IsOutOfDescriptors(failure))
            {
                failed.Volume.ReportFailedWrite();
            }

            _worst = Errno.IsNoSpace(failure) ? _worst : failed.Volume.Explain(failure);
        }

        var arrived = _promised;
        Settle(default);

        while (Choose() is >= 0 and var index)
        {
            _tried[index] = true;
            if (IsReady(shares[index].Volume) && TryPromise(shares[index].Volume, Math.Max(arrived, Covering(0))))
            {
                _current = shares[index];
                return _current.Vault;
            }
        }

        if (Array.TrueForAll(shares, share => share.Volume.Problem is not null))
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "Every volume is offline.");
        }

        _worst ??= Array.Find(shares, share => share.Volume.WriteProblem is not null)?.Volume.Unwritable();
        return _worst is null ? null : throw _worst;
    }

    /// <inheritdoc/>
    public bool TryCover(long bytes)
    {
        if (bytes <= _promised)
        {
            return true;
        }

        var space = _current!.Volume.Space;
        var more = Covering(bytes) - _promised;
        if (space.TryPromise(more))
        {
            _promised += more;
            return true;
        }

        _isOnlyPromised |= space.HasRoomBesidesPromises(more);
        return false;
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
        _current?.Volume.Space.Settle(_promised, result.Outcome == PutOutcome.Stored ? VolumeSpace.OnDisk(result.Length) : 0);
        _current = null;
        _promised = 0;
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
            if (!_tried[i] && shares[i].Volume is { TakesFiles: true } volume)
            {
                (volume.WriteFailedLately ? failing : room)[i] = RoomOn(volume);
            }
        }

        return placement.Choose(room) is >= 0 and var index ? index : placement.Choose(failing);
    }

    // What is promised when so many bytes have arrived or are about to be written.
    private long Covering(long bytes)
    {
        var withStep = VolumeSpace.OnDisk(bytes + Step);
        return length is null ? withStep : Math.Min(_size, withStep);
    }

    // Weighted by the room left after this upload, so a volume without room is never chosen; at least 1, so an exact fit counts.
    private long RoomOn(Volume volume)
    {
        try
        {
            var left = volume.Space.Available - _size;
            _isOnlyPromised |= left < 0 && volume.Space.HasRoomBesidesPromises(_size);
            return left < 0 ? 0 : left + 1;
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            _worst = volume.Explain(error);
            return 0;
        }
    }

    private bool TryPromise(Volume volume, long bytes)
    {
        try
        {
            if (!volume.Space.TryPromise(bytes))
            {
                _isOnlyPromised |= volume.Space.HasRoomBesidesPromises(bytes);
                return false;
            }

            if (volume.IsWritable)
            {
                _promised = bytes;
                return true;
            }

            volume.Space.Settle(bytes, 0); // it was taken out of service between the choice and the promise, and must not be relied on
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
