using Halley.Server.Periodic;

namespace Halley.Server.StorageRole.Scrubs;

internal static class ScrubsSetup
{
    public static void AddScrubs(this IServiceCollection services)
    {
        services.AddSingleton<CorruptFilesGauge>();
        services.AddSingleton<ScrubTimes>();
        services.AddSingleton<ScrubFindings>();
        services.AddSingleton<FileVerification>();
    }

    public static void AddScrubJobs(this IServiceCollection services, RunsAt place)
    {
        services.AddPeriodicWork<FindingsWork>("scrub-findings", place, TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddPeriodicWork<ScrubScheduleWork>("scrub-schedule", place, TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
    }
}
