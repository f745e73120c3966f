using Halley.Server.Data;
using Halley.Server.Periodic;
using Halley.Storage.Spanning;
using Halley.Storage.Trash;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Measures buckets by walking their folders. This corrects the counts after crashes and after files were moved by hand.</summary>
internal sealed class BucketMeasuringWork(
    VolumeSet volumes, BucketCache cache, IDbContextFactory<ServerDbContext> databases, StorageOptions options, TimeProvider time)
    : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private bool _measuredSinceStart;

    /// <summary>
    /// Measures every bucket whose last measurement is old. The first run measures all of them, because the previous process may have been
    /// killed with unsaved counts in memory.
    /// </summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime.AddHours(_measuredSinceStart ? -options.MeasureHours : 0);
        var all = new OneByOne();
        foreach (var id in await DueAsync(oldest, cancellationToken))
        {
            await all.TryAsync($"Bucket {id}", () => MeasureAsync(id, cancellationToken));
        }

        _measuredSinceStart = true;
        all.ThrowIfAny();
    }

    /// <summary>Measures one bucket now and stores the result. Does nothing if the bucket does not exist.</summary>
    /// <exception cref="Storage.BlobStoreException">A volume is offline, so the size cannot be known.</exception>
    public async Task MeasureAsync(string bucketId, CancellationToken cancellationToken)
    {
        if (!cache.TryFind(bucketId, out var bucket))
        {
            return;
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var started = time.GetUtcNow().UtcDateTime;
            var before = bucket.Usage.Mark();
            var found = await Task.Run(() => Walk(bucketId, cancellationToken), cancellationToken);
            bucket.Usage.Measured(before, found);
            var completed = time.GetUtcNow().UtcDateTime;
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await database.Set<Bucket>().Where(row => row.Id == bucketId).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.MeasuredBytes, found.Bytes).SetProperty(row => row.MeasureStartedAt, started)
                    .SetProperty(row => row.MeasureCompletedAt, completed), cancellationToken);
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
            var (heldFiles, heldBytes) = new VolumeTrash(volume).Measure(bucketId, cancellationToken);
            found = new UsageCount(
                found.Bytes + bytes, found.Files + files, null, found.TrashBytes + heldBytes, found.TrashFiles + heldFiles);
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
}
