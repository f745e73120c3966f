using Halley.Server.Periodic;
using Halley.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Periodic;

public class PeriodicLoopTests
{
    [Fact]
    public async Task Failing_run_is_followed_by_the_next_and_a_series_of_failures_is_late()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var ran = new SemaphoreSlim(0);
        var fails = true;
        using var job = new PeriodicLoop("test", TimeSpan.FromMinutes(10), _ => RunAsync(), time, NullLogger<PeriodicLoop>.Instance);
        await job.StartAsync(default);
        await Eventually.HoldsAsync("the first run, some seconds after the start", TimeSpan.FromSeconds(30), () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return ran.Wait(0);
        });
        for (var run = 1; run < 4; run++)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            await ran.WaitAsync();
        }

        time.Advance(TimeSpan.FromMinutes(10));

        Assert.True(job.IsLate);
        fails = false;
        await ran.WaitAsync();
        time.Advance(TimeSpan.FromMinutes(10));
        await ran.WaitAsync();
        await job.StopAsync(default);

        Assert.False(job.IsLate);
        Assert.True(job.LastSuccess > time.GetUtcNow().UtcDateTime.AddMinutes(-25));

        Task RunAsync()
        {
            ran.Release();
            return fails ? Task.FromException(new InvalidOperationException("broken on purpose")) : Task.CompletedTask;
        }
    }
}
