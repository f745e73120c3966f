using Halley.Server.Data;
using Halley.Storage.Spanning;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Measures buckets by walking their folders, which corrects the count after crashes and after files were moved by hand.</summary>
internal sealed class BucketMeasuringWork(
    VolumeSet volumes, BucketDirectory directory, IDbContextFactory<ServerDbContext> databases, StorageOptions options, TimeProvider time)
    : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private bool _measuredSinceStart;

    /// <summary>
    /// Measures every bucket whose measurement is old; the first time after the start all of them, because the process before this one may
    /// have been killed with counts in memory.
    /// </summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime.AddHours(_measuredSinceStart ? -options.MeasureHours : 0);
        foreach (var id in await DueAsync(oldest, cancellationToken))
        {
            await MeasureAsync(id, cancellationToken);
        }

        _measuredSinceStart = true;
    }

    /// <summary>Measures one bucket now and stores the result; null when there is no such bucket.</summary>
    /// <exception cref="Storage.BlobStoreException">A volume is offline, so the size cannot be known.</exception>
    public async Task<BucketMeasurement?> MeasureAsync(string bucketId, CancellationToken cancellationToken)
    {
        if (!directory.TryFind(bucketId, out var bucket))
        {
            return null;
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var started = time.GetUtcNow().UtcDateTime;
            var before = bucket.Usage.Mark();
            var found = await Task.Run(() => Walk(bucketId, cancellationToken), cancellationToken);
            bucket.Usage.Measured(before, found);
            var measurement = new BucketMeasurement(found.Bytes, started, time.GetUtcNow().UtcDateTime);
            await SaveAsync(bucketId, measurement, cancellationToken);
            return measurement;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private UsageCount Walk(string bucketId, CancellationToken cancellationToken)
    {
        var found = new UsageCount(0, 0, null);
        foreach (var volume in volumes.All)
        {
            var (files, bytes) = volume.Measure(bucketId, cancellationToken);
            var (heldFiles, heldBytes) = volume.MeasureTrash(bucketId, cancellationToken);
            found = new UsageCount(found.Bytes + bytes, found.Files + files, null, found.TrashBytes + heldBytes, found.TrashFiles + heldFiles);
        }

        return found;
    }

    private async Task<List<string>> DueAsync(DateTime oldest, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Bucket>()
            .Where(bucket => bucket.DeletedAt == null && (bucket.MeasureStartedAt == null || bucket.MeasureStartedAt < oldest))
            .Select(bucket => bucket.Id).ToListAsync(cancellationToken);
    }

    private async Task SaveAsync(string bucketId, BucketMeasurement measurement, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<Bucket>().Where(bucket => bucket.Id == bucketId).ExecuteUpdateAsync(
            set => set.SetProperty(bucket => bucket.MeasuredBytes, measurement.Bytes)
                .SetProperty(bucket => bucket.MeasureStartedAt, measurement.StartedAt)
                .SetProperty(bucket => bucket.MeasureCompletedAt, measurement.CompletedAt), cancellationToken);
    }
}

/// <summary>A bucket's size on disk, and when it was looked at.</summary>
internal sealed record BucketMeasurement(long Bytes, DateTime StartedAt, DateTime CompletedAt);
