namespace Halley.Server.Periodic;

/// <summary>
/// The one loop for background work: runs it, waits, and runs it again. The work is a plain class with a RunOnceAsync that tests can call.
/// A failed run is logged, and the next one starts at its usual time.
/// </summary>
internal sealed partial class PeriodicLoop(
    string name, TimeSpan every, Func<CancellationToken, Task> runOnce, TimeProvider time, ILogger<PeriodicLoop> logger) : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(3);

    private long _lastSuccessTicks = time.GetUtcNow().UtcTicks;

    public string Name => name;

    /// <summary>UTC time at which the last successful run ended; before the first one, the time at which the server started.</summary>
    public DateTime LastSuccess => new(Interlocked.Read(ref _lastSuccessTicks), DateTimeKind.Utc);

    /// <summary>True if three runs in a row have failed or not ended.</summary>
    public bool IsLate => time.GetUtcNow().UtcDateTime - LastSuccess > 3 * every + TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first run must not delay the moment at which the server is ready.
        await Task.Delay(AfterStart, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var timer = new PeriodicTimer(every, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await runOnce(stoppingToken);
                Interlocked.Exchange(ref _lastSuccessTicks, time.GetUtcNow().UtcTicks);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // the boundary of the loop: whatever one run throws, the next one is still due
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(name, failure);
            }

            if (!await NextAsync(timer, stoppingToken))
            {
                return;
            }
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogEvents.JobFailed, LogLevel.Error, "The job {Job} failed and is tried again at its next time")]
    private partial void LogFailed(string job, Exception failure);
}
