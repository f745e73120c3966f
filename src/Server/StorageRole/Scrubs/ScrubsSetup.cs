using Halley.Server.Jobs;
using Halley.Server.Tasks;

namespace Halley.Server.StorageRole.Scrubs;

internal static class ScrubsSetup
{
    public static void AddScrubs(this IServiceCollection services)
    {
        services.AddSingleton<CorruptFilesGauge>();
        services.AddSingleton<ScrubTimes>();
        services.AddSingleton<ScrubFindings>();
        services.AddSingleton<FileVerification>();
        services.AddSingleton<TaskKind, ScrubKind>();
        services.AddJob<FindingsJob>("scrub-findings", TimeSpan.FromMinutes(1), (job, token) => job.RunOnceAsync(token));
        services.AddJob<ScrubSchedule>("scrub-schedule", TimeSpan.FromHours(1), (job, token) => job.RunOnceAsync(token));
    }
}
