using Halley.Server.Instances;

namespace Halley.Server.Jobs;

internal static class JobsSetup
{
    public static void AddJobs(this WebApplicationBuilder builder) => builder.Services.AddHealthChecks().AddCheck<JobsHealth>("jobs");

    /// <summary>Runs <typeparamref name="TJob"/> at start and then periodically; the class itself is offered for tests and other callers.</summary>
    public static void AddJob<TJob>(
        this IServiceCollection services, string name, RunsAt place, TimeSpan every, Func<TJob, CancellationToken, Task> runOnce)
        where TJob : class
    {
        services.AddSingleton<TJob>();
        if (place == RunsAt.NoInstance)
        {
            return;
        }

        services.AddSingleton(provider =>
        {
            var job = provider.GetRequiredService<TJob>();
            var lease = provider.GetRequiredService<WorkLease>();
            return new PeriodicJob(
                name, every, token => place == RunsAt.EveryInstance || lease.IsHeld ? runOnce(job, token) : Task.CompletedTask,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeriodicJob>>());
        });
        // By name, because the container knows all periodic jobs under one type.
        services.AddSingleton<IHostedService>(provider => provider.GetServices<PeriodicJob>().Single(job => job.Name == name));
    }
}
