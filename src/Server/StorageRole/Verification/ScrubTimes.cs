using Halley.Server.Data;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Verification;

/// <summary>Stores when each part of a bucket on a volume was last verified.</summary>
internal sealed class ScrubTimes(IDbContextFactory<ServerDbContext> databases)
{
    /// <summary>The times of all buckets on a volume.</summary>
    public async Task<Dictionary<string, PartTimes>> LoadAsync(Guid volumeId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ScrubRecord>().AsNoTracking().Where(record => record.VolumeId == volumeId)
            .ToDictionaryAsync(record => record.BucketId, record => new PartTimes(record.Times), cancellationToken);
    }

    /// <summary>The times of one bucket on all volumes.</summary>
    public async Task<Dictionary<Guid, PartTimes>> LoadBucketAsync(string bucketId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<ScrubRecord>().AsNoTracking().Where(record => record.BucketId == bucketId)
            .ToDictionaryAsync(record => record.VolumeId, record => new PartTimes(record.Times), cancellationToken);
    }

    public async Task SaveAsync(Guid volumeId, string bucketId, PartTimes times, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<ScrubRecord>()
            .FirstOrDefaultAsync(record => record.VolumeId == volumeId && record.BucketId == bucketId, cancellationToken);
        if (row is null)
        {
            row = new ScrubRecord { VolumeId = volumeId, BucketId = bucketId, Times = [] };
            database.Add(row);
        }

        (row.Times, row.OldestAt) = (times.ToBytes(), times.Oldest);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Deletes the times of buckets that are no longer on the volume.</summary>
    public async Task ForgetAsync(Guid volumeId, IEnumerable<string> gone, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var bucketId in gone)
        {
            await database.Set<ScrubRecord>().Where(record => record.VolumeId == volumeId && record.BucketId == bucketId)
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    /// <summary>For each volume of which every part was verified: when the part was verified that has waited longest.</summary>
    public static async Task<Dictionary<Guid, DateTime>> OldestByVolumeAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var found = await database.Set<ScrubRecord>().GroupBy(record => record.VolumeId)
            .Select(group => new
            {
                group.Key,
                Never = group.Count(record => record.OldestAt == null),
                Oldest = group.Min(record => record.OldestAt),
            })
            .ToListAsync(cancellationToken);
        return found.Where(volume => volume is { Never: 0, Oldest: not null })
            .ToDictionary(volume => volume.Key, volume => volume.Oldest!.Value);
    }

    /// <summary>The same for buckets.</summary>
    public static async Task<Dictionary<string, DateTime>> OldestByBucketAsync(
        ServerDbContext database, IReadOnlyList<string> bucketIds, CancellationToken cancellationToken)
    {
        var found = await database.Set<ScrubRecord>().Where(record => bucketIds.Contains(record.BucketId))
            .GroupBy(record => record.BucketId)
            .Select(group => new
            {
                group.Key,
                Never = group.Count(record => record.OldestAt == null),
                Oldest = group.Min(record => record.OldestAt),
            })
            .ToListAsync(cancellationToken);
        return found.Where(bucket => bucket is { Never: 0, Oldest: not null })
            .ToDictionary(bucket => bucket.Key, bucket => bucket.Oldest!.Value);
    }
}
