using System.Diagnostics;

namespace Halley.Testing;

/// <summary>Waits for something outside the test process (another program, a file it writes), never longer than a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Returns when <paramref name="condition"/> holds; throws with <paramref name="what"/> when it does not within
    /// <paramref name="deadline"/>.
    /// </summary>
    public static async Task HoldsAsync(string what, TimeSpan deadline, Func<Task<bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > deadline)
            {
                throw new TimeoutException($"Did not happen within {deadline.TotalSeconds:0.#} s: {what}");
            }

            await Task.Delay(PauseAfter(clock.Elapsed));
        }
    }

    public static Task HoldsAsync(string what, TimeSpan deadline, Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return HoldsAsync(what, deadline, () => Task.FromResult(condition()));
    }

    // A long wait asks a busy machine less often, and ends at most a sixteenth later.
    private static TimeSpan PauseAfter(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 16, ShortestPause.Ticks, LongestPause.Ticks));
}
