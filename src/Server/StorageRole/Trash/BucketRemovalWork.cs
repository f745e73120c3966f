using Halley.Server.Periodic;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Removes the files of deleted buckets once their hold has ended, and finishes deletions that were interrupted.</summary>
internal sealed class BucketRemovalWork(BucketActions buckets, VolumeSet volumes, HoldClockWork clock) : SingleRun
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await buckets.FinishDeletionsAsync(cancellationToken);
        var all = new OneByOne();
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            await all.TryAsync(
                $"Volume {volume.Id}",
                () => Task.Run(() => new VolumeTrash(volume).RemoveBuckets(cancellationToken, clock.IsDue), cancellationToken));
        }

        all.ThrowIfAny();
    }
}
