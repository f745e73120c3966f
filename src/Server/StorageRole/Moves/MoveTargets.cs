using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>The volumes that may take the files of a move, and how full each may become.</summary>
internal sealed class MoveTargets(VolumeSet set, IReadOnlyList<Volume> volumes, double highWaterPercent)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Volume, long> _coming = [];
    private long _settled;

    public IReadOnlyList<Volume> Volumes => volumes;

    /// <summary>Number of files whose move has ended, successfully or not.</summary>
    public long Settled
    {
        get
        {
            lock (_lock)
            {
                return _settled;
            }
        }
    }

    /// <summary>True if no room is reserved for any file, nor has been since <see cref="Settled"/> had this value.</summary>
    public bool HaveRestedSince(long settled)
    {
        lock (_lock)
        {
            return _settled == settled && _coming.Values.All(bytes => bytes == 0);
        }
    }

    /// <summary>Reserves room for a file; false if the other reservations leave too little.</summary>
    public bool TryTake(Volume volume, long length)
    {
        lock (_lock)
        {
            var coming = _coming.GetValueOrDefault(volume);
            if (RoomOn(volume) - coming < length)
            {
                return false;
            }

            _coming[volume] = coming + length;
            return true;
        }
    }

    /// <summary>Ends a reservation, when the file has arrived or its move was given up.</summary>
    public void Took(Volume volume, long length)
    {
        lock (_lock)
        {
            _coming[volume] -= length;
            _settled++;
        }
    }

    /// <summary>
    /// Bytes that a volume may still take: free, above its reserve, and below the high-water mark; 0 while it takes nothing.
    /// </summary>
    public long RoomOn(Volume volume)
    {
        if (!volume.TakesFiles)
        {
            return 0;
        }

        try
        {
            var (free, total, reserve) = volume.ReadSpace();
            var belowMark = (long)(total * highWaterPercent / 100) - (total - free);
            return Math.Max(0, Math.Min(free - reserve, belowMark));
        }
        catch (BlobStoreException)
        {
            return 0; // it has just gone offline, which VolumeProbeWork reports
        }
    }

    /// <summary>The volumes with room for a file, in a random order weighted by room.</summary>
    public IEnumerable<Volume> InOrderFor(long length)
    {
        var room = volumes.Select(volume => RoomOn(volume) - length + 1).ToArray(); // so that an exact fit counts
        while (set.Draw(room) is >= 0 and var index)
        {
            yield return volumes[index];
            room[index] = 0;
        }
    }
}
