using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Halley.Server.Instances;
using Halley.Server.Live.Commands;

namespace Halley.Server.Live.Remote;

/// <summary>What this instance wants of devices that are connected to others: it tells the owner, and waits for what that one tells back.</summary>
internal sealed class RemoteDevices
{
    /// <summary>How much longer than the owner itself somebody waits for its answer.</summary>
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(5);

    private readonly InstanceBus _bus;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, AskedCommand> _asked = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _given = new();

    public RemoteDevices(InstanceBus bus, TimeProvider time)
    {
        (_bus, _time) = (bus, time);
        bus.On<CommandMoved>(RemoteRequests.Moved, (_, told) => Hear(told.Command, asked => asked.Move(told.State)));
        bus.On<CommandEnded>(RemoteRequests.Outcome, (_, told) => Hear(told.Command, asked => asked.End(told.ToOutcome())));
        bus.On<Guid>(RemoteRequests.Given, (_, command) =>
        {
            if (_given.TryGetValue(command, out var given))
            {
                given.TrySetResult();
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Gives a command and waits for its end; when the device leaves its instance, the command is lost.</summary>
    public async Task<CommandOutcome> AskAsync(
        RemoteDevice device, CommandKind kind, Guid id, string arguments, Func<string, Task>? moved, CancellationToken cancellationToken)
    {
        var asked = new AskedCommand(moved);
        if (!_asked.TryAdd(id, asked))
        {
            return CommandOutcome.Given;
        }

        using var limit = new CancellationTokenSource(CommandRelay.TakeLimit + kind.Patience + OnTheWay, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (!await _bus.TellAsync(device.Owner, RemoteRequests.Ask, new AskRequest(id, device.Id, kind.Name, arguments)))
            {
                return CommandOutcome.LostUnheard;
            }

            await Task.WhenAny(asked.Outcome, device.Gone).WaitAsync(either.Token);
            return asked.Outcome.IsCompleted ? await asked.Outcome : asked.IsHeard ? CommandOutcome.Lost : CommandOutcome.LostUnheard;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return asked.IsHeard ? CommandOutcome.TooSlow : CommandOutcome.Silent;
        }
        finally
        {
            _asked.TryRemove(id, out _);
            if (!asked.Outcome.IsCompleted)
            {
                await _bus.TellAsync(device.Owner, RemoteRequests.StopAsking, id);
            }
        }
    }

    /// <summary>Tells a device to go. Its connection is closed there; whoever looks here finds it gone at once.</summary>
    public Task DismissAsync(RemoteDevice device, LeaveOrder order) => _bus.TellAsync(device.Owner, RemoteRequests.Dismiss, new DismissRequest(device.Id, order));

    /// <summary>There is a command in the database for it.</summary>
    public Task<bool> DeliverAsync(RemoteDevice device) => _bus.TellAsync(device.Owner, RemoteRequests.Deliver, device.Id);

    /// <summary>The same; answers, when that command has ended or waits for its device again, true, and false when the device has left its instance.</summary>
    public async Task<bool> IsGivenAsync(RemoteDevice device, Guid command)
    {
        var given = _given.GetOrAdd(command, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            if (await DeliverAsync(device))
            {
                await Task.WhenAny(given.Task, device.Gone);
            }

            return given.Task.IsCompleted;
        }
        finally
        {
            _given.TryRemove(command, out _);
        }
    }

    /// <summary>A command has ended, or waits for its device again: somebody at another instance may wait for that.</summary>
    public Task TellGivenAsync(Guid command) => _bus.TellAllAsync(RemoteRequests.Given, command);

    private Task Hear(Guid command, Action<AskedCommand> what)
    {
        if (_asked.TryGetValue(command, out var asked))
        {
            what(asked);
        }

        return Task.CompletedTask;
    }

    private sealed class AskedCommand(Func<string, Task>? moved)
    {
        private readonly TaskCompletionSource<CommandOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<CommandOutcome> Outcome => _outcome.Task;

        public bool IsHeard { get; private set; }

        public void Move(string state)
        {
            IsHeard = true;
            moved?.Invoke(state);
        }

        public void End(CommandOutcome outcome) => _outcome.TrySetResult(outcome);
    }
}
