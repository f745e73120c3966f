using Halley.Server.Data;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Lets wishes for a shorter hold count once they have waited, and removes deleted files that have been held long enough.</summary>
internal sealed partial class TrashPurging(
    BucketDirectory directory, VolumeSet volumes, HoldClock clock, IDbContextFactory<ServerDbContext> databases, TimeProvider time,
    ILogger<TrashPurging> logger)
{
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        await LowerHoldsAsync(cancellation);
        var trashes = volumes.All.Where(volume => volume.Problem is null).SelectMany(volume => volume.ListTrashes()).Distinct().ToList();
        foreach (var id in trashes)
        {
            if (directory.TryFind(id, out var bucket))
            {
                await Task.Run(() => Purge(bucket, cancellation), cancellation);
            }
        }
    }

    private void Purge(OpenBucket bucket, CancellationToken cancellation)
    {
        var hold = bucket.Hold;
        var (files, bytes) = volumes.OpenTrash(bucket.Id).Purge(deletedAt => clock.IsDue(deletedAt, hold.DaysFor(deletedAt)), cancellation);
        if (files > 0)
        {
            bucket.Usage.Purged(files, bytes);
            LogPurged(logger, files, bytes, bucket.Id);
        }
    }

    private async Task LowerHoldsAsync(CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var waiting = await database.Set<Bucket>().AsTracking().Where(bucket => bucket.LowerHoldTo != null && bucket.DeletedAt == null).ToListAsync(cancellation);
        foreach (var bucket in waiting.Where(bucket => clock.IsDue(bucket.LowerHoldAskedAt!.Value, bucket.HoldDays)))
        {
            bucket.Hold = bucket.Hold.Lower(time.GetUtcNow().UtcDateTime);
            await database.SaveChangesAsync(cancellation);
            if (directory.TryFind(bucket.Id, out var open))
            {
                open.SetRules(bucket);
            }
        }
    }

    [LoggerMessage(LogEvents.TrashPurged, LogLevel.Information, "{Files} deleted files with {Bytes} bytes of bucket {Bucket} have been held long enough and were removed")]
    private static partial void LogPurged(ILogger logger, long files, long bytes, string bucket);
}
