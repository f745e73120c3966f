using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.BackupJobs.Search;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Collects the jobs of a report and writes it.</summary>
internal sealed class ReportMaking(JobStore jobs, ProfileStore profiles, TimeProvider time)
{
    private const int MostJobs = 5000;
    private const long Hour = 60 * 60;
    private const long Day = 24 * Hour;

    /// <summary>A report to a user about the jobs of its account up to now.</summary>
    public async Task<Outcome<Report>> MakeAsync(StoredProfile stored, EmailReportConfig config, CancellationToken cancellationToken)
    {
        var subject = await CollectAsync(
            new JobScope(TenantScope.Everything, stored.Account.Id), config, stored.Account.Username, stored.Profile.LocalTimezone,
            cancellationToken);
        return subject is null
            ? NotSearchable
            : Write(config,
                subject with { Profiles = new Dictionary<string, UserProfileConfig> { [stored.Account.Username] = stored.Profile } });
    }

    /// <summary>A report to administrators about the jobs of all accounts of an organization.</summary>
    public async Task<Outcome<Report>> MakeAsync(EmailReportingOption option, TenantScope scope, CancellationToken cancellationToken)
    {
        var config = option.EmailReportConfig;
        if (await CollectAsync(new JobScope(scope), config, "all accounts", option.LocalTimezone, cancellationToken) is not { } subject)
        {
            return NotSearchable;
        }

        var named = new Dictionary<string, UserProfileConfig>();
        foreach (var username in subject.Jobs.Select(job => job.Username).Distinct())
        {
            if (await profiles.FindAsync(username, scope, cancellationToken) is { } stored)
            {
                named[username] = stored.Profile;
            }
        }

        return Write(config, subject with { Profiles = named });
    }

    /// <summary>A report about one job, made when it ends.</summary>
    public static Report MakeAtOnce(BackupJobDetail job, UserProfileConfig profile, string zone) => ReportWriting.Write(
        ReportWriting.AtOnce,
        new ReportSubject(
            job.Username, [job], new Dictionary<string, UserProfileConfig> { [job.Username] = profile }, ScheduleCalendar.ZoneOf(zone),
            job.StartTime, job.EndTime));

    /// <summary>True when a report's filter matches a job; an invalid filter matches none.</summary>
    public bool Takes(EmailReportConfig config, BackupJobDetail job) =>
        JobSearch.Parse(config.Filter, time.GetUtcNow().ToUnixTimeSeconds()).TryGet(out var search, out _) && search.Matches(job);

    private static Refusal NotSearchable => Refusal.Invalid("report_invalid", "The filter of the report is not a valid search clause.");

    private static Report Write(EmailReportConfig config, ReportSubject subject) => ReportWriting.Write(config.ReportType, subject);

    private async Task<ReportSubject?> CollectAsync(
        JobScope scope, EmailReportConfig config, string owner, string zone, CancellationToken cancellationToken)
    {
        var to = time.GetUtcNow().ToUnixTimeSeconds();
        var from = Math.Max(1, to - SecondsOf(config));
        if (!JobSearch.Parse(config.Filter, to).TryGet(out var search, out _))
        {
            return null;
        }

        var found = new List<BackupJobDetail>();
        await foreach (var stored in jobs.BetweenAsync(scope, from, to, cancellationToken))
        {
            var job = JobDocument.Read(stored.Document);
            if (search.Matches(job))
            {
                found.Add(job);
            }
        }

        return new ReportSubject(
            owner, [.. found.OrderByDescending(job => job.StartTime).Take(MostJobs)], new Dictionary<string, UserProfileConfig>(),
            ScheduleCalendar.ZoneOf(zone), from, to);
    }

    // The period of a report: its own, or the interval between two reports.
    private static long SecondsOf(EmailReportConfig config)
    {
        if (config.TimeSpan.Seconds > 0)
        {
            return Math.Min(config.TimeSpan.Seconds, 366 * Day);
        }

        var own = config.TimeSpan.FrequencyType;
        return (own > 0 ? own : config.SummaryFrequency.FirstOrDefault()?.FrequencyType ?? 0) switch
        {
            ScheduleFrequencies.Hourly => Hour,
            ScheduleFrequencies.Weekly => 7 * Day,
            ScheduleFrequencies.Monthly => 31 * Day,
            ScheduleFrequencies.Yearly => 366 * Day,
            _ => Day,
        };
    }
}
