using Halley.Storage;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Moves;

/// <summary>The volumes that may take files of a move, and how full each may become.</summary>
internal sealed class MoveTargets(VolumeSet set, IReadOnlyList<Volume> volumes, double highWaterPercent)
{
    public IReadOnlyList<Volume> Volumes => volumes;

    /// <summary>Bytes that a volume may still take: free, above its reserve, and below the high-water mark; 0 when it takes nothing now.</summary>
    public long RoomOn(Volume volume)
    {
        if (!volume.IsWritable || volume.Problem is not null)
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
            return 0; // it has just gone off line, which VolumeProbeJob reports
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
