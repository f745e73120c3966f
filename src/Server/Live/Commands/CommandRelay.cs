using System.Collections.Concurrent;
using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>Sends commands to devices of this instance and waits for their answers. Its state lasts as long as the process.</summary>
internal sealed class CommandRelay(TimeProvider time)
{
    /// <summary>How long a device may take to accept a command.</summary>
    public static readonly TimeSpan TakeLimit = TimeSpan.FromSeconds(10);

    /// <summary>Commands that may wait for one device.</summary>
    public const int MostPerDevice = 100;

    private static readonly LiveAck Taken = new();
    private readonly ConcurrentDictionary<Guid, PendingCommand> _pending = new();

    /// <summary>Sends a command and waits for its end.</summary>
    /// <param name="device">The device.</param>
    /// <param name="command">The command.</param>
    /// <param name="patience">How long to wait after the device has accepted the command.</param>
    /// <param name="moved">Called with each state that the device reports before the end.</param>
    /// <param name="cancellationToken">Ends the waiting; the device continues.</param>
    public async Task<CommandOutcome> AskAsync(
        LocalDevice device, DeviceCommand command, TimeSpan patience, Func<string, Task>? moved, CancellationToken cancellationToken)
    {
        var pending = new PendingCommand(device, command, moved);
        if (!device.TryWait(MostPerDevice))
        {
            return CommandOutcome.Busy;
        }

        if (!_pending.TryAdd(command.Id, pending))
        {
            device.EndWait();
            return CommandOutcome.Given;
        }

        using var limit = new CancellationTokenSource(TakeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        pending.Heard = () => limit.CancelAfter(patience);
        try
        {
            await SendAsync(pending, either.Token);
            return await pending.Outcome.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return pending.IsHeard ? CommandOutcome.TooSlow : device.Socket is null ? CommandOutcome.LostUnheard : CommandOutcome.Silent;
        }
        finally
        {
            pending.Heard = null;
            _pending.TryRemove(command.Id, out _);
            device.EndWait();
        }
    }

    /// <summary>Accepts the report of a device about a command.</summary>
    public LiveAck Take(LocalDevice device, CommandReport report)
    {
        if (report is not { State: not null, Answer: not null, Code: not null, Message: not null })
        {
            return new LiveAck("report_invalid", "No field may be null.");
        }

        // A late report, for which no caller waits any more, is no mistake of the device.
        if (!_pending.TryGetValue(report.CommandId, out var pending) || pending.Device.Key != device.Key)
        {
            return Taken;
        }

        switch (report.State)
        {
            case CommandStates.Accepted or CommandStates.Running:
                pending.Move(report.State);
                return Taken;
            case CommandStates.Done:
                pending.End(CommandOutcome.Done(report));
                return Taken;
            case CommandStates.Failed:
                pending.End(CommandOutcome.Failed(report));
                return Taken;
            default:
                return new LiveAck("report_invalid", "State must be accepted, running, done or failed.");
        }
    }

    /// <summary>Sends the commands again that a device may not have received before it reconnected.</summary>
    public async Task ResendAsync(LocalDevice device)
    {
        foreach (var pending in _pending.Values.Where(pending => pending.Device == device && !pending.IsHeard))
        {
            await SendAsync(pending, CancellationToken.None);
        }
    }

    /// <summary>Ends the waiting for a device that is offline now.</summary>
    public void Lose(LocalDevice device)
    {
        foreach (var pending in _pending.Values.Where(pending => pending.Device == device))
        {
            pending.End(pending.IsHeard ? CommandOutcome.Lost : CommandOutcome.LostUnheard);
        }
    }

    // A device without a socket gets the command when it reconnects.
    private static Task SendAsync(PendingCommand pending, CancellationToken cancellationToken) =>
        pending.Device.Socket?.Client.Command(pending.Command).WaitAsync(cancellationToken) ?? Task.CompletedTask;

    private sealed class PendingCommand(LocalDevice device, DeviceCommand command, Func<string, Task>? moved)
    {
        private readonly TaskCompletionSource<CommandOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LocalDevice Device => device;

        public DeviceCommand Command => command;

        public Task<CommandOutcome> Outcome => _outcome.Task;

        /// <summary>True when the device has reported anything about the command.</summary>
        public bool IsHeard { get; private set; }

        /// <summary>Called when the device has reported that it has the command.</summary>
        public Action? Heard { get; set; }

        public void Move(string state)
        {
            IsHeard = true;
            Heard?.Invoke();
            moved?.Invoke(state);
        }

        public void End(CommandOutcome outcome) => _outcome.TrySetResult(outcome);
    }
}
