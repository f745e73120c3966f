using Halley.Server.Data;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Buckets;

/// <summary>
/// Records the size of every bucket once a day from the counts in memory, and sets the usual number of deletes for its brake.
/// </summary>
internal sealed class BucketHistoryWork(BucketCache cache, IDbContextFactory<ServerDbContext> databases, TimeProvider time) : SingleRun
{
    private const int KeptDays = 2 * 366;
    private const int UsualOver = 30;
    private readonly HashSet<string> _remembered = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var today = Today;
        foreach (var bucket in cache.All)
        {
            var since = today.AddDays(-UsualOver);
            var days = await database.Set<BucketDay>().AsTracking().Where(day => day.BucketId == bucket.Id && day.Day >= since)
                .ToListAsync(cancellationToken);
            if (_remembered.Add(bucket.Id))
            {
                bucket.Brake.Remember(days.SingleOrDefault(day => day.Day == today)?.DeletedFiles ?? 0);
            }

            Note(database, bucket, days, today);
            await database.SaveChangesAsync(cancellationToken);
            database.ChangeTracker.Clear();
            bucket.Brake.Usual = days.Where(day => day.Day < today).Sum(day => day.DeletedFiles) / (double)UsualOver;
        }

        var oldest = today.AddDays(-KeptDays);
        await database.Set<BucketDay>().Where(day => day.Day < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private static void Note(ServerDbContext database, OpenBucket bucket, List<BucketDay> days, DateOnly today)
    {
        var point = days.SingleOrDefault(day => day.Day == today);
        if (point is null)
        {
            point = new BucketDay { BucketId = bucket.Id, Day = today };
            database.Add(point);
        }

        var now = bucket.Usage.Now;
        (point.Bytes, point.Files, point.TrashBytes) = (now.Bytes, now.Files, now.TrashBytes);
        foreach (var (day, files) in bucket.Brake.Days)
        {
            if ((day == today ? point : days.SingleOrDefault(other => other.Day == day)) is { } counted)
            {
                counted.DeletedFiles = Math.Max(counted.DeletedFiles, files);
            }
        }
    }
}
