using Halley.Server.StorageRole.Trash;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Removes what deleted buckets left on the volumes, and finishes deletions that were interrupted.</summary>
internal sealed class BucketRemovalJob(BucketRegistration buckets, VolumeSet volumes, HoldClock clock)
{
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        await buckets.FinishDeletionsAsync(cancellation);
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            await Task.Run(() => volume.EmptyBucketTrash(cancellation, clock.IsDue), cancellation);
        }
    }
}
