using Halley.Server.Instances;

namespace Halley.Server.Periodic;

internal static class PeriodicSetup
{
    public static void AddPeriodic(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<PeriodicHealth>("jobs");

    /// <summary>
    /// Runs <typeparamref name="TJob"/> at start and then periodically. Also registers the class itself, for tests and other callers.
    /// </summary>
    public static void AddPeriodicWork<TJob>(
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
            return new PeriodicLoop(
                name, every, token => place == RunsAt.EveryInstance || lease.IsHeld ? runOnce(job, token) : Task.CompletedTask,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeriodicLoop>>());
        });
        // By name, because the container registers all loops under one type.
        services.AddSingleton<IHostedService>(provider => provider.GetServices<PeriodicLoop>().Single(job => job.Name == name));
    }
}
