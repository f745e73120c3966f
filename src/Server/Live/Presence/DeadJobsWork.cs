using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.Data;
using Halley.Server.Instances;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Live.Presence;

/// <summary>
/// Abandons jobs that no longer run: a connected device no longer reports them, or an offline one has not reported for days. Each instance
/// checks the jobs of its own devices, and one of them those of offline devices.
/// </summary>
internal sealed class DeadJobsWork(
    IDbContextFactory<ServerDbContext> databases, JobActions jobs, LiveDevices devices, WorkLease lease, LiveOptions options,
    TimeProvider time)
{
    private const long TimeToSettle = 60;

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var running = await database.Set<BackupJob>().AsNoTracking().Where(job => job.EndTime == 0)
            .Select(job => new RunningJobRow(job.Id, job.AccountId, job.DeviceId, job.ReportedAt == 0 ? job.StartTime : job.ReportedAt))
            .ToListAsync(cancellationToken);
        var all = new OneByOne();
        foreach (var job in running.Where(job => now - job.HeardAt > TimeToSettle))
        {
            if (ReasonToAbandon(job, now) is { } reason)
            {
                await all.TryAsync(
                    $"Job {job.Id}", () => jobs.AbandonAsync(Caller.Server, username: "", job.Id, reason, cancellationToken));
            }
        }

        all.ThrowIfAny();
    }

    private string? ReasonToAbandon(RunningJobRow job, long now)
    {
        var connected = devices.Find(new DeviceKey(job.AccountId, job.DeviceId));
        if (connected is LocalDevice device)
        {
            return Guid.TryParse(job.Id, out var id) && device.Jobs is (not null, not null)
                && !device.Jobs.Last.Contains(id) && !device.Jobs.Before.Contains(id)
                ? "the device is connected and does not run it any more."
                : null;
        }

        if (connected is not null || !lease.IsHeld)
        {
            return null;
        }

        var hours = options.AbandonJobsAfterHours;
        return now - job.HeardAt > hours * 3600L ? $"nothing was heard of it or of its device for {hours} hours." : null;
    }

    private sealed record RunningJobRow(string Id, Guid AccountId, string DeviceId, long HeardAt);
}
