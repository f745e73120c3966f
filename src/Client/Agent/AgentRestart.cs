using Halley.Client.Agent.Commands;
using Halley.Client.Agent.Jobs;

namespace Halley.Client.Agent;

/// <summary>
/// Ends the agent so that its service starts it again: with the program that was installed, or for the server that it works for from now
/// on. Jobs end first with the program they began with, and the server gets the report about the command that asked for it.
/// </summary>
internal sealed class AgentRestart(JobHistory history, CommandDesk desk, AgentOptions options)
{
    private static readonly TimeSpan TimeForReports = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource<string> _reason = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks for it.</summary>
    /// <param name="reason">Why the agent ends, as a sentence.</param>
    public void Ask(string reason) => _reason.TrySetResult(reason);

    /// <summary>Returns when the agent may end.</summary>
    public async Task WaitAsync()
    {
        var reason = await _reason.Task;
        await options.Time.UntilAsync(() => history.Running.Count == 0, Timeout.InfiniteTimeSpan);
        await options.Time.UntilAsync(() => desk.IsIdle, TimeForReports);
        options.Inform(reason);
    }
}

/// <summary>Waits for something that nobody announces.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    public static async Task UntilAsync(this TimeProvider time, Func<bool> isDone, TimeSpan limit)
    {
        var start = time.GetTimestamp();
        while (!isDone() && (limit == Timeout.InfiniteTimeSpan || time.GetElapsedTime(start) < limit))
        {
            await Task.Delay(Moment, time);
        }
    }
}
