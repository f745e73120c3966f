using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.BackupJobs;

/// <summary>
/// Removes records of missed backups that were not missed. The server records a backup as missed when no device reports it; a device that
/// was offline may have run it and report it days later.
/// </summary>
internal sealed class MissedRecords(ProfileDocument documents)
{
    /// <summary>Seconds before the due time from which a start counts for it …</summary>
    public const long Before = 5 * 60;

    /// <summary>… and after it, or after the longest random delay of the schedule.</summary>
    public const long After = 15 * 60;

    /// <summary>Removes the records that a job which is being stored disproves.</summary>
    public async Task RemoveAsync(ServerDbContext database, BackupJob job, CancellationToken cancellationToken)
    {
        if (job.Classification != JobClassification.Backup || job.Status == JobStatus.Missed)
        {
            return;
        }

        var (first, last) = (job.StartTime - After - ScheduleCalendar.LongestDelay, job.StartTime + Before);
        var missed = await database.Set<BackupJob>().AsTracking()
            .Where(other => other.AccountId == job.AccountId && other.StartTime >= first && other.StartTime <= last
                && other.Status == JobStatus.Missed && other.SourceId == job.SourceId && other.DestinationId == job.DestinationId
                && other.Id != job.Id)
            .ToListAsync(cancellationToken);
        if (missed.Count == 0)
        {
            return;
        }

        var account = await database.Set<Account>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == job.AccountId, cancellationToken);
        var rules = account is null ? [] : documents.Read(account) is var profile
            ? profile.BackupRules.ToDictionary(
                rule => rule.Key,
                rule => rule.Value.Schedules.Select(schedule => ScheduleCalendar.DelayOf(profile, schedule)).DefaultIfEmpty().Max(),
                StringComparer.Ordinal)
            : [];
        database.RemoveRange(missed.Where(other =>
            job.StartTime <= other.StartTime + rules.GetValueOrDefault(JobDocument.Read(other.Document).BackupRuleGUID) + After));
    }
}
