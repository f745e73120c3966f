using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

/// <summary>Makes the reports about single jobs from the events that they have ended.</summary>
internal sealed class ImmediateReportsWork(
    EventList events, EventFeed feed, ProgressMarkStore marks, ProfileStore profiles, ReportMaking making, EmailSendingWork queue,
    ServerSettings settings) : SingleRun
{
    private const string Mark = "reports at once";
    private const int AtOnce = 200;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await marks.GetAsync(Mark, cancellationToken) is not { } position)
        {
            await marks.SetAsync(Mark, await feed.CatchUpAsync(cancellationToken), cancellationToken);
            return;
        }

        var all = new OneByOne();
        List<EventRecord> ended;
        do
        {
            ended = await events.ReadAsync(EventTenant.All, position, StreamableEventType.JobCompleted, AtOnce, cancellationToken);
            foreach (var record in ended.Where(record => record.Data is not null))
            {
                await all.TryAsync(
                    $"Event {record.Sequence}", () => ReportAsync(record, JobDocument.Read(record.Data!), cancellationToken));
            }

            if (ended.Count > 0)
            {
                position = ended[^1].Sequence;
                await marks.SetAsync(Mark, position, cancellationToken);
            }
        }
        while (ended.Count == AtOnce);
        all.ThrowIfAny();
    }

    private async Task ReportAsync(EventRecord record, BackupJobDetail job, CancellationToken cancellationToken)
    {
        var email = settings.Current.Email;
        if (await profiles.FindAsync(job.Username, TenantScope.Everything, cancellationToken) is not { } stored)
        {
            return;
        }

        foreach (var (address, reports) in ReportChoice.Of(stored.Profile))
        {
            if (reports.Any(report => report.ReportType == ReportWriting.AtOnce && making.Takes(report, job)))
            {
                await queue.AddAsync(
                    $"u:{record.Sequence}:{address}", stored.Account.OrganizationId, address,
                    ReportMaking.MakeAtOnce(job, stored.Profile, stored.Profile.LocalTimezone), cancellationToken);
            }
        }

        foreach (var option in email.EmailReportingOptions.Where(option => option.EmailReportConfig.ReportType == ReportWriting.AtOnce))
        {
            foreach (var address in option.Recipients.Where(
                address => EmailSender.IsAddress(address) && making.Takes(option.EmailReportConfig, job)))
            {
                await queue.AddAsync(
                    $"a:{record.Sequence}:{address}", "", address, ReportMaking.MakeAtOnce(job, stored.Profile, option.LocalTimezone),
                    cancellationToken);
            }
        }
    }
}
