using Halley.Server.AuthRole.Profiles;
using Halley.Server.Periodic;

namespace Halley.Server.AuthRole.BackupJobs;

internal static class BackupJobsSetup
{
    public static void AddBackupJobs(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<JobActions>();
        services.AddSingleton<MissedRecords>();
        services.AddSingleton<JobLogStore>();
        services.AddSingleton<JobReportActions>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<ProfilePart, RemovedItems>();
        services.AddSingleton<SourceStatusStore>();
        services.AddSingleton<ProgressMarkStore>();
        services.AddPeriodicWork<JobPruningWork>(
            "job-pruning", RunsAt.OneInstance, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
    }
}
