using Halley.Server.Data;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Buckets;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>Shortens holds once the change has waited, and removes deleted files whose hold has ended.</summary>
internal sealed partial class TrashPurgingWork(
    BucketCache cache, VolumeSet volumes, HoldClockWork clock, IDbContextFactory<ServerDbContext> databases, TimeProvider time,
    ILogger<TrashPurgingWork> logger) : SingleRun
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await LowerHoldsAsync(cancellationToken);
        var trashes = new HashSet<string>();
        var all = new OneByOne();
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            await all.TryAsync($"Volume {volume.Id}", () => Task.Run(() => trashes.UnionWith(new VolumeTrash(volume).ListBuckets())));
        }

        foreach (var id in trashes)
        {
            await all.TryAsync($"Bucket {id}", async () =>
            {
                var hold = cache.TryFind(id, out var bucket) ? bucket.Hold : await HoldOfUnknownAsync(id, cancellationToken);
                await Task.Run(() => Purge(id, bucket, hold, cancellationToken), cancellationToken);
            });
        }

        all.ThrowIfAny();
    }

    private void Purge(string id, OpenBucket? bucket, BucketHold hold, CancellationToken cancellationToken)
    {
        var unreadable = new List<UnreadableTrash>();
        var (files, bytes) = new BucketTrash(volumes, id)
            .Purge(deletedAt => clock.IsDue(deletedAt, hold.DaysFor(deletedAt)), unreadable.Add, cancellationToken);
        if (files > 0)
        {
            bucket?.Usage.Purged(files, bytes);
            LogPurged(logger, files, bytes, id);
        }

        if (unreadable.Count > 0)
        {
            throw new IOException(string.Join(' ', unreadable.Select(found => $"{found.Path} cannot be read. {found.Reason}")));
        }
    }

    // A bucket that is being deleted keeps its hold. The hold of an unregistered one is unknown: as with the disks of other servers, a
    // year.
    private async Task<BucketHold> HoldOfUnknownAsync(string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Bucket>().AsNoTracking().SingleOrDefaultAsync(bucket => bucket.Id == id, cancellationToken) is { } stored
            ? new BucketHold(stored.Hold.LongestDays)
            : new BucketHold(BucketAdoption.DaysForUnknownTrash);
    }

    private async Task LowerHoldsAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await database.Set<Bucket>().AsTracking().Where(bucket => bucket.LowerHoldTo != null && bucket.DeletedAt == null)
            .ToListAsync(cancellationToken);
        foreach (var bucket in waiting.Where(bucket => clock.IsDue(bucket.LowerHoldAskedAt!.Value, bucket.HoldDays)))
        {
            bucket.Hold = bucket.Hold.Lower(time.GetUtcNow().UtcDateTime);
            await database.SaveChangesAsync(cancellationToken);
            cache.SetRules(bucket);
        }
    }

    [LoggerMessage(LogEvents.TrashPurged, LogLevel.Information,
        "{Files} deleted files with {Bytes} bytes of bucket {Bucket} were removed at the end of their hold")]
    private static partial void LogPurged(ILogger logger, long files, long bytes, string bucket);
}
