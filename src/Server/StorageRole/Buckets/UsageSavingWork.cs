using Halley.Server.Data;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>Stores the counts in memory every half minute and when the server stops.</summary>
internal sealed class UsageSavingWork(BucketCache cache, IDbContextFactory<ServerDbContext> databases) : SingleRun, IHostedService
{
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var bucket in cache.All)
        {
            if (bucket.Usage.TakeUnsaved() is { } usage)
            {
                await SaveAsync(database, bucket, usage, cancellationToken);
            }

            foreach (var key in bucket.Keys)
            {
                if (key.Use.TakeUnsaved() is { } lastUse)
                {
                    await SaveAsync(database, key, lastUse, cancellationToken);
                }
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Connections that did not end may have used up the time to stop. What is in memory is saved all the same.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await RunOnceAsync(last.Token);
        }
        catch (ObjectDisposedException)
        {
            // A host that embeds the server may stop it twice; the first time has saved everything.
        }
    }

    private static async Task SaveAsync(ServerDbContext database, OpenBucket bucket, UsageCount usage, CancellationToken cancellationToken)
    {
        try
        {
            await database.Set<Bucket>().Where(row => row.Id == bucket.Id).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Bytes, usage.Bytes).SetProperty(row => row.Files, usage.Files)
                    .SetProperty(row => row.LastWriteAt, usage.LastWriteAt).SetProperty(row => row.TrashBytes, usage.TrashBytes)
                    .SetProperty(row => row.TrashFiles, usage.TrashFiles), cancellationToken);
        }
        catch
        {
            bucket.Usage.NotSaved();
            throw;
        }
    }

    private static async Task SaveAsync(ServerDbContext database, AccessKey key, DateTime lastUse, CancellationToken cancellationToken)
    {
        try
        {
            await database.Set<BucketKey>().Where(row => row.Id == key.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsedAt, lastUse), cancellationToken);
        }
        catch
        {
            key.Use.NotSaved();
            throw;
        }
    }
}
