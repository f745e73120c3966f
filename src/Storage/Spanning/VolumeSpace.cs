using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>The space that every volume always keeps free: the smaller of the two values.</summary>
/// <param name="Bytes">Bytes left free; 0 or more.</param>
/// <param name="Percent">Share of the file system left free, 0 to 90; it keeps small volumes usable.</param>
public sealed record VolumeReserve(long Bytes, double Percent)
{
    /// <summary>1 GiB or 5 %, whichever is smaller.</summary>
    public static VolumeReserve Default { get; } = new(1L << 30, 5);

    /// <summary>The reserve of a file system of that size.</summary>
    public long Of(long totalBytes) => (long)Math.Min(Bytes, totalBytes * Percent / 100);
}

/// <summary>
/// The room on one volume: free space, less the reserve, less the space promised to running uploads. The disk is measured at most once a
/// second. Stored files are deducted in between, so that no burst can eat into the reserve.
/// </summary>
internal sealed class VolumeSpace(Func<(long Free, long Total)> measure, VolumeReserve reserve, TimeProvider time)
{
    private const long BlockSize = 4096;
    private static readonly TimeSpan MaximumAge = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private long _measuredAt;
    private bool _measured;
    private long _free;
    private long _total;
    private long _promised;

    /// <summary>The space that a file takes on the disk, in whole blocks.</summary>
    public static long OnDisk(long length) =>
        length > long.MaxValue - BlockSize ? length : (length + BlockSize - 1) / BlockSize * BlockSize;

    /// <summary>Bytes that a new upload could be promised now; 0 or more.</summary>
    public long Available
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(0, Left());
            }
        }
    }

    /// <summary>The measurement, at most one second old or made now.</summary>
    public (long Free, long Total, long Reserve) Now(bool isFresh)
    {
        lock (_lock)
        {
            _measured &= !isFresh;
            Refresh();
            return (_free, _total, reserve.Of(_total));
        }
    }

    /// <summary>Promises room; false when the volume has too little.</summary>
    public bool TryPromise(long bytes)
    {
        lock (_lock)
        {
            if (Left() < bytes)
            {
                return false;
            }

            _promised += bytes;
            return true;
        }
    }

    /// <summary>True when there would be room if no other upload or move had a promise.</summary>
    public bool HasRoomBesidesPromises(long bytes)
    {
        lock (_lock)
        {
            return Left() + _promised >= bytes;
        }
    }

    /// <summary>True while room is promised to uploads or moves that are on their way.</summary>
    public bool HasPromises
    {
        get
        {
            lock (_lock)
            {
                return _promised > 0;
            }
        }
    }

    /// <summary>Ends a promise.</summary>
    /// <param name="promised">The promised bytes.</param>
    /// <param name="stored">The bytes of it that stay on the disk.</param>
    public void Settle(long promised, long stored)
    {
        lock (_lock)
        {
            _promised -= promised;
            _free -= stored;
        }
    }

    private long Left()
    {
        Refresh();
        return _free - reserve.Of(_total) - _promised;
    }

    private void Refresh()
    {
        if (_measured && time.GetElapsedTime(_measuredAt) < MaximumAge)
        {
            return;
        }

        (_free, _total) = measure();
        _measuredAt = time.GetTimestamp();
        _measured = true;
    }
}
