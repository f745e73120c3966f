using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Halley.Server.Settings;

namespace Halley.Server.AuthRole.Reports;

internal static class ReportsSetup
{
    public static void AddReports(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<EmailActions>();
        services.AddSingleton<EmailSettings>();
        services.AddSingleton<SettingsRule, EmailRule>();
        services.AddSingleton<OrganizationRule, EmailOrganizationRule>();
        services.AddSingleton<ReportMaking>();
        services.AddSingleton<BulletinActions>();
        services.AddPeriodicWork<EmailSendingWork>(
            "e-mail", RunsAt.OneInstance, TimeSpan.FromSeconds(15), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<ImmediateReportsWork>(
            "reports-at-once", RunsAt.OneInstance, TimeSpan.FromSeconds(15), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<ScheduledReportsWork>(
            "scheduled-reports", RunsAt.OneInstance, TimeSpan.FromMinutes(5), (job, token) => job.RunOnceAsync(token));
    }
}
