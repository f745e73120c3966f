using Halley.Server.Periodic;
using Halley.Server.StorageRole.Trash;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Removes what deleted buckets left on the volumes, and finishes deletions that were interrupted.</summary>
internal sealed class BucketRemovalWork(BucketRegistration buckets, VolumeSet volumes, HoldClockWork clock) : SingleRun
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await buckets.FinishDeletionsAsync(cancellationToken);
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            await Task.Run(() => volume.EmptyBucketTrash(cancellationToken, clock.IsDue), cancellationToken);
        }
    }
}
