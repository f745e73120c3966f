using Halley.Server.Periodic;

namespace Halley.Server.AuthRole.BackupJobs;

internal static class BackupJobsSetup
{
    public static void AddBackupJobs(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<JobRegistry>();
        services.AddSingleton<MissedRecords>();
        services.AddSingleton<JobLogs>();
        services.AddSingleton<JobList>();
        services.AddSingleton<SourceStatusStore>();
        services.AddSingleton<ProgressMarks>();
        services.AddPeriodicWork<JobPruningWork>("job-pruning", RunsAt.OneInstance, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
    }
}
