using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Commands;

/// <summary>Gives commands to devices that are connected here and waits for their answers. Nothing of it outlives the process.</summary>
internal sealed class CommandRelay(IHubContext<LiveHub, ILiveDevice> hub, TimeProvider time)
{
    /// <summary>Time in which a device has to say that it has a command.</summary>
    public static readonly TimeSpan TakeLimit = TimeSpan.FromSeconds(10);

    /// <summary>Commands that may wait for one device.</summary>
    public const int MostPerDevice = 100;

    private static readonly LiveAck Taken = new();
    private readonly ConcurrentDictionary<Guid, PendingCommand> _pending = new();

    /// <summary>Gives a command and waits for its end.</summary>
    /// <param name="device">To whom.</param>
    /// <param name="command">What.</param>
    /// <param name="patience">How long to wait once the device has said that it has it.</param>
    /// <param name="moved">Told of each state on the way.</param>
    /// <param name="cancellationToken">Ends the waiting; the device goes on.</param>
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

    /// <summary>Takes what a device reports of a command.</summary>
    public LiveAck Take(LocalDevice device, CommandReport report)
    {
        if (report is not { State: not null, Answer: not null, Code: not null, Message: not null })
        {
            return new LiveAck("report_invalid", "No field may be null.");
        }

        // A late report of a command that nobody waits for any more is no mistake of the device.
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
                pending.End(CommandOutcome.Done(report.Answer));
                return Taken;
            case CommandStates.Failed:
                pending.End(CommandFailure.Of(report));
                return Taken;
            default:
                return new LiveAck("report_invalid", "State must be accepted, running, done or failed.");
        }
    }

    /// <summary>Sends again what a device that is back may not have got.</summary>
    public async Task ResendAsync(LocalDevice device)
    {
        foreach (var pending in _pending.Values.Where(pending => pending.Device == device && !pending.IsHeard))
        {
            await SendAsync(pending, CancellationToken.None);
        }
    }

    /// <summary>Ends the waiting for a device that is gone.</summary>
    public void Lose(LocalDevice device)
    {
        foreach (var pending in _pending.Values.Where(pending => pending.Device == device))
        {
            pending.End(pending.IsHeard ? CommandOutcome.Lost : CommandOutcome.LostUnheard);
        }
    }

    // While the device has no socket there is nobody to send to; it is sent when it is back.
    private Task SendAsync(PendingCommand pending, CancellationToken cancellationToken) =>
        pending.Device.Socket is { } socket ? hub.Clients.Client(socket.Id).Command(pending.Command).WaitAsync(cancellationToken) : Task.CompletedTask;
}
