using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Reports;
using Halley.Server.Data;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Verification;
using Halley.Server.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Halley.Server.Metrics;

/// <summary>Collects what a scrape must not wait for: queries, and checks that try disks.</summary>
internal sealed class StateCollection(
    IDbContextFactory<ServerDbContext> databases, HealthCheckService health, EmailSendingWork emails, TimeProvider time) : SingleRun
{
    private const int SecondsOfADay = 86_400;

    /// <summary>A backup that is older has long been an alarm.</summary>
    private const int OldestGood = 90 * SecondsOfADay;

    private static readonly TimeSpan BackupsEvery = TimeSpan.FromMinutes(5);
    private volatile CollectedState? _last;
    private (long At, IReadOnlyList<LastGoodBackup> Backups)? _backups;

    /// <summary>The last result; null before the first.</summary>
    public CollectedState? Last => _last;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status == HealthStatus.Healthy);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var start = time.GetTimestamp();
        var tasks = await database.Set<TaskRecord>().GroupBy(task => task.State)
            .Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        var yesterday = time.GetUtcNow().ToUnixTimeSeconds() - SecondsOfADay;
        var jobs = await database.Set<BackupJob>().Where(job => job.EndTime > yesterday && job.Classification == JobClassification.Backup)
            .GroupBy(job => job.Status).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        _last = new CollectedState(
            checks, seconds, tasks, await emails.CountWaitingAsync(cancellationToken), await emails.CountGivenUpAsync(cancellationToken),
            await ScrubTimes.OldestByVolumeAsync(database, cancellationToken), jobs, await LastGoodAsync(database, cancellationToken));
    }

    private async Task<IReadOnlyList<LastGoodBackup>> LastGoodAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        if (_backups is { } known && time.GetElapsedTime(known.At) < BackupsEvery)
        {
            return known.Backups;
        }

        var oldest = time.GetUtcNow().ToUnixTimeSeconds() - OldestGood;
        var found = await database.Set<BackupJob>()
            .Where(job => job.StartTime > oldest && job.EndTime > 0 && job.Classification == JobClassification.Backup
                && job.Status >= JobStatus.Success && job.Status < JobStatus.RunningIndeterminate)
            .GroupBy(job => new { job.Username, job.OrganizationId })
            .Select(group => new LastGoodBackup(group.Key.Username, group.Key.OrganizationId, group.Max(job => job.EndTime)))
            .ToListAsync(cancellationToken);
        _backups = (time.GetTimestamp(), found);
        return found;
    }
}
