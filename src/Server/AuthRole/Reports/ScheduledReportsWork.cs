using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>
/// Makes the reports that are due by their schedules. After a long downtime each is sent once, not once for every missed time.
/// </summary>
internal sealed class ScheduledReportsWork(
    ProgressMarkStore marks, ProfileStore profiles, ReportMaking making, EmailSendingWork queue, ServerSettings settings,
    TimeProvider time) : SingleRun
{
    private const string Mark = "scheduled reports";
    private const long LongestStop = 24 * 60 * 60;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var since = Math.Max(await marks.GetAsync(Mark, cancellationToken) ?? now, now - LongestStop);
        var all = new OneByOne();
        if (settings.Current.AuthenticationRole.GenerateScheduledEmails)
        {
            await foreach (var stored in profiles.ListAsync(TenantScope.Everything, all, cancellationToken))
            {
                await all.TryAsync($"Account {stored.Account.Id}", () => ReportAsync(stored, since, now, cancellationToken));
            }

            await all.TryAsync("Administrators", () => ReportAsync(settings.Current.Email, since, now, cancellationToken));
        }

        await marks.SetAsync(Mark, now, cancellationToken);
        all.ThrowIfAny();
    }

    private async Task ReportAsync(StoredProfile stored, long since, long now, CancellationToken cancellationToken)
    {
        foreach (var (address, reports) in ReportChoice.Of(stored.Profile))
        {
            for (var number = 0; number < reports.Count; number++)
            {
                if (LastDue(reports[number], stored.Profile.LocalTimezone, since, now) is { } dueAt
                    && (await making.MakeAsync(stored, reports[number], cancellationToken)).TryGet(out var report, out _))
                {
                    await queue.AddAsync(
                        $"s:{stored.Account.Id}:{number}:{dueAt}:{address}", stored.Account.OrganizationId, address, report,
                        cancellationToken);
                }
            }
        }
    }

    private async Task ReportAsync(EmailOptions email, long since, long now, CancellationToken cancellationToken)
    {
        for (var number = 0; number < email.EmailReportingOptions.Count; number++)
        {
            var option = email.EmailReportingOptions[number];
            if (LastDue(option.EmailReportConfig, option.LocalTimezone, since, now) is { } dueAt
                && (await making.MakeAsync(option, TenantScope.Everything, cancellationToken)).TryGet(out var report, out _))
            {
                foreach (var address in option.Recipients.Where(EmailSender.IsAddress))
                {
                    await queue.AddAsync($"t:{number}:{dueAt}:{address}", "", address, report, cancellationToken);
                }
            }
        }
    }

    private static long? LastDue(EmailReportConfig report, string zone, long since, long now) =>
        report.ReportType == ReportWriting.AtOnce
            ? null
            : report.SummaryFrequency.SelectMany(schedule => ScheduleCalendar.Due(schedule, ScheduleCalendar.ZoneOf(zone), since, now))
                .Select(dueAt => (long?)dueAt).Max();
}
