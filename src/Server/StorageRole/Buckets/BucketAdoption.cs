using Halley.Protocol.Events;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Registers the buckets that a volume already holds, such as the disk of another server, or of this one after its database was lost. They
/// have no key, so clients cannot reach them before an administrator adds one.
/// </summary>
internal sealed partial class BucketAdoption(
    IDbContextFactory<ServerDbContext> databases, BucketCache cache, StorageOptions options, TimeProvider time,
    ILogger<BucketAdoption> logger)
{
    /// <summary>Days for which deleted files on such a disk are held, because the hold that was promised for them is unknown.</summary>
    public const int DaysForUnknownTrash = 365;

    /// <summary>Registers unknown buckets. Folders whose names are not valid ids are ignored.</summary>
    public async Task AdoptAsync(Volume volume, CancellationToken cancellationToken)
    {
        var found = volume.ListBuckets().Where(BucketId.IsValid).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var folded = found.ConvertAll(BucketId.Fold);
        var known = await database.Set<Bucket>().Where(bucket => folded.Contains(bucket.FoldedId)).Select(bucket => bucket.FoldedId)
            .ToListAsync(cancellationToken);
        var adopted = new List<Bucket>();
        foreach (var id in found.Where(id => !known.Contains(BucketId.Fold(id))).DistinctBy(BucketId.Fold))
        {
            var now = time.GetUtcNow().UtcDateTime;
            var bucket = new Bucket { Id = id, FoldedId = BucketId.Fold(id), Label = $"found on {volume.Path}", CreatedAt = now };
            bucket.Hold = new BucketHold(options.HoldDays, DaysBefore: DaysForUnknownTrash, BeforeUntil: now);
            bucket.Label = bucket.Label[..Math.Min(bucket.Label.Length, BucketLabel.MaximumLength)];
            database.Add(bucket);
            database.Add(EventRecord.Of(StreamableEventType.BucketNew, time.GetUtcNow(), actor: "", organizationId: "", id));
            adopted.Add(bucket);
        }

        await database.SaveChangesAsync(cancellationToken);
        foreach (var bucket in adopted)
        {
            cache.Open(bucket);
            LogAdopted(logger, bucket.Id, volume.Path);
        }
    }

    [LoggerMessage(LogEvents.BucketAdopted, LogLevel.Information,
        "Bucket {Bucket} was found on the volume at {Path} and registered without a key")]
    private static partial void LogAdopted(ILogger logger, string bucket, string path);
}
