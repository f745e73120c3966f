using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.MissedBackups;

/// <summary>
/// Records a job with status 7004 for each time at which a schedule was due and no backup of that item to that vault started within five
/// minutes before and fifteen minutes after. The id of such a job is derived from the item, the vault and the time, so a second run, here
/// or on another instance, does not record it twice.
/// </summary>
internal sealed class MissedBackupsWork(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, ServerSettings settings, ProgressMarkStore marks,
    TimeProvider time) : SingleRun
{
    private const long Before = MissedRecords.Before;
    private const long After = MissedRecords.After;
    private const string Done = "missed backups";
    private const string Off = "missed backups off";

    // One run at a time, because a run that began before the clock was set must not store its older mark after a later run.
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var options = settings.Current.AuthenticationRole;
        if (!options.RoleEnabled || !options.GenerateMissedBackupEvents)
        {
            await marks.SetAsync(Off, now, cancellationToken);
            return;
        }

        if (options.NoMissedBackupEventsBefore == 0)
        {
            // Switched on for the first time: backups missed before do not count.
            await settings.ChangeAsync(
                changed => changed.AuthenticationRole.NoMissedBackupEventsBefore = now, cancellationToken);
        }

        var kept = options.PruneLogsAfterDays > 0 ? now - (Math.Min(options.PruneLogsAfterDays, 100_000) * 24 * 60 * 60) : 0;
        var lastRun = await marks.GetAsync(Done, cancellationToken) ?? now;
        // Goes back by the longest random delay, to times that were too recent in the last run.
        var floor = new[]
        {
            settings.Current.AuthenticationRole.NoMissedBackupEventsBefore, kept, lastRun - ScheduleCalendar.LongestDelay - After - 1,
            await marks.GetAsync(Off, cancellationToken) ?? 0,
        }.Max();
        var all = new OneByOne();
        await foreach (var stored in profiles.ListAsync(TenantScope.Everything, all, cancellationToken))
        {
            if (!stored.Profile.IsSuspended)
            {
                await all.TryAsync($"Account {stored.Account.Id}", () => CheckAsync(stored, floor, now, cancellationToken));
            }
        }

        await marks.SetAsync(Done, now, cancellationToken);
        all.ThrowIfAny();
    }

    private async Task CheckAsync(StoredProfile stored, long floor, long now, CancellationToken cancellationToken)
    {
        var due = stored.Profile.BackupRules.SelectMany(rule => DueTimes(stored.Profile, rule.Key, rule.Value, floor, now)).ToList();
        if (due.Count == 0)
        {
            return;
        }

        var (first, last) = (due.Min(missed => missed.Time) - Before, due.Max(missed => missed.Time + missed.Delay) + After);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        async Task<List<Started>> StartedAsync() => await database.Set<BackupJob>().AsNoTracking()
            .Where(job => job.AccountId == stored.Account.Id && job.Classification == JobClassification.Backup
                && job.StartTime >= first && job.StartTime <= last)
            .Select(job => new Started(job.Id, job.Status, job.SourceId, job.DestinationId, job.StartTime)).ToListAsync(cancellationToken);
        var started = await StartedAsync();
        var known = started.Select(job => job.Id).ToHashSet(StringComparer.Ordinal);
        var written = new List<Missed>();
        foreach (var missed in due.Where(missed => !started.Any(missed.IsRunBy) && known.Add(IdOf(stored.Account.Id, missed))))
        {
            await WriteAsync(stored, missed, IdOf(stored.Account.Id, missed), cancellationToken);
            written.Add(missed);
        }

        if (written.Count > 0)
        {
            // A device may have reported the job between the query and the write, before there was a record that its report could
            // remove.
            started = await StartedAsync();
            var wrong = written.Where(missed => started.Any(missed.IsRunBy)).Select(missed => IdOf(stored.Account.Id, missed)).ToList();
            await database.Set<BackupJob>().Where(job => wrong.Contains(job.Id)).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static IEnumerable<Missed> DueTimes(UserProfileConfig profile, string ruleId, BackupRuleConfig rule, long floor, long now)
    {
        if (profile.Sources.GetValueOrDefault(rule.Source) is not { } source || !profile.Destinations.ContainsKey(rule.Destination)
            || profile.Devices.GetValueOrDefault(source.OwnerDevice) is not { } device)
        {
            yield break;
        }

        var zone = ScheduleCalendar.ZoneOf(device.DeviceTimezone, profile.LocalTimezone);
        // A changed rule was not due at its new times before the change.
        var after = new[] { floor, rule.CreateTime, rule.ModifyTime, device.RegistrationTime }.Max();
        foreach (var schedule in rule.Schedules)
        {
            var delay = ScheduleCalendar.DelayOf(profile, schedule);
            foreach (var dueAt in ScheduleCalendar.Due(schedule, zone, after, now - After - delay - 1))
            {
                yield return new Missed(ruleId, rule.Source, rule.Destination, source.OwnerDevice, dueAt, delay);
            }
        }
    }

    private async Task WriteAsync(StoredProfile stored, Missed missed, string id, CancellationToken cancellationToken)
    {
        var account = stored.Account;
        var job = new BackupJob
        {
            Id = id,
            AccountId = account.Id,
            Username = account.Username,
            OrganizationId = account.OrganizationId,
            Document = "",
        };
        JobDocument.Write(job, new BackupJobDetail
        {
            Classification = JobClassification.Backup,
            Status = JobStatus.Missed,
            StartTime = missed.Time,
            EndTime = missed.Time,
            SourceGUID = missed.SourceId,
            DestinationGUID = missed.DestinationId,
            DeviceID = missed.DeviceId,
            BackupRuleGUID = missed.RuleId,
            ClientVersion = stored.Profile.Devices[missed.DeviceId].ClientVersion,
        });
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(job);
        database.Add(JobEvents.Completed(job, time.GetUtcNow(), actor: ""));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException race) when (race.IsUniqueViolation() || race.IsForeignKeyViolation())
        {
            // Another instance has recorded it, or the account has been deleted.
        }
    }

    private static string IdOf(Guid accountId, Missed missed)
    {
        var what = $"{accountId}\n{missed.SourceId}\n{missed.DestinationId}\n{missed.Time}";
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16)).ToString();
    }

    private sealed record Started(string Id, JobStatus Status, string SourceId, string DestinationId, long StartTime);

    private sealed record Missed(string RuleId, string SourceId, string DestinationId, string DeviceId, long Time, long Delay)
    {
        public bool IsRunBy(Started job) => job.Status != JobStatus.Missed && job.SourceId == SourceId && job.DestinationId == DestinationId
            && job.StartTime >= Time - Before && job.StartTime <= Time + Delay + After;
    }
}
