using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Halley.Server.Instances;

namespace Halley.Server.Live.Commands;

/// <summary>Sends requests about devices of other instances to their owners, and waits for the answers.</summary>
internal sealed class RemoteDevices
{
    /// <summary>How much longer this instance waits for the answer than the owner.</summary>
    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(5);

    private readonly InstanceBus _bus;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, AskedCommand> _asked = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _given = new();

    public RemoteDevices(InstanceBus bus, TimeProvider time)
    {
        (_bus, _time) = (bus, time);
        bus.On<CommandMoved>(RemoteRequests.Moved, (_, moved) => Hear(moved.Command, asked => asked.Move(moved.State)));
        bus.On<CommandEnded>(RemoteRequests.Outcome, (_, ended) => Hear(ended.Command, asked => asked.End(ended.ToOutcome())));
        bus.On<Guid>(RemoteRequests.Given, (_, command) =>
        {
            if (_given.TryGetValue(command, out var given))
            {
                given.TrySetResult();
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Gives a command and waits for its end; the command is lost when the device leaves its instance.</summary>
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

    /// <summary>Asks the owner to close the connection of a device.</summary>
    public Task DismissAsync(RemoteDevice device, LeaveOrder order) =>
        _bus.TellAsync(device.Owner, RemoteRequests.Dismiss, new DismissRequest(device.Id, order));

    /// <summary>Asks the owner to give the device the commands that wait in the database.</summary>
    public Task<bool> DeliverAsync(RemoteDevice device) => _bus.TellAsync(device.Owner, RemoteRequests.Deliver, device.Id);

    /// <summary>
    /// The same for one command: returns true when it has ended or waits for its device again, false when the device has left its instance.
    /// </summary>
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

    /// <summary>Notifies other instances, where a caller may wait for it, that a command has ended or waits for its device again.</summary>
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
