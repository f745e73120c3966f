using System.Collections.Concurrent;
using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>A command to keep: for which device, what, and for how long.</summary>
internal sealed record CommandRequest(RegisteredDevice Device, CommandKind Kind, string Arguments, TimeSpan Ttl, string Actor);

/// <summary>
/// Keeps commands until the device has carried them out. A command is given at once when the device is connected, otherwise when it
/// connects. One without an answer is given again after a reconnect, under the same id, by which the device recognizes it. Only the
/// instance to which the device is connected gives commands; the others notify that instance.
/// </summary>
internal sealed partial class DeviceCommands(
    CommandStore store, DeviceCalls calls, LiveDevices devices, RemoteDevices remotes, LiveOptions options,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DeviceCommands> logger)
{
    /// <summary>How long after its expiry a device may still answer a command that it has accepted.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<Guid, bool> _giving = new();

    /// <summary>
    /// Keeps a command, and gives it when the device is connected. The second task completes when the command has ended or waits for the
    /// device again.
    /// </summary>
    public async Task<(StoredCommand Command, Task Giving)> AddAsync(CommandRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var command = new StoredCommand
        {
            Id = Guid.CreateVersion7(now),
            AccountId = request.Device.Key.AccountId,
            DeviceId = request.Device.Key.DeviceId,
            Username = request.Device.Username,
            OrganizationId = request.Device.OrganizationId,
            Kind = request.Kind.Name,
            Arguments = store.Seal(request.Arguments),
            State = CommandStates.Queued,
            Actor = request.Actor,
            CreatedAt = now.UtcDateTime,
            ExpiresAt = (now + request.Ttl).UtcDateTime,
        };
        await store.AddAsync(command, cancellationToken);
        return (command, devices.Find(request.Device.Key) switch
        {
            LocalDevice device => Task.Run(() => GiveSafelyAsync(device, command), CancellationToken.None),
            RemoteDevice device => IsGivenAsync(device, command.Id),
            _ => Task.CompletedTask,
        });
    }

    /// <summary>Starts giving a connected device all commands that wait for it, and returns at once.</summary>
    public void DeliverTo(LiveDevice connected) => _ = Task.Run(async () =>
    {
        if (connected is not LocalDevice device)
        {
            await remotes.DeliverAsync((RemoteDevice)connected);
            return;
        }

        try
        {
            var open = await store.OpenAsync(device.Key, lifetime.ApplicationStopping);
            await Task.WhenAll(open.Select(command => GiveSafelyAsync(device, command)));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // They are given after the restart.
        }
#pragma warning disable CA1031 // no caller waits for this; the commands are given when the device reconnects
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotGiven(failure);
        }
    });

    /// <summary>Ends expired commands, gives those that still wait although their device is connected, and removes old ones.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await store.ExpireAsync(Silence, cancellationToken);
        foreach (var device in (await store.DevicesWithQueuedAsync(cancellationToken)).Select(devices.Find).OfType<LiveDevice>())
        {
            DeliverTo(device);
        }

        await store.RemoveOldAsync(time.GetUtcNow().UtcDateTime.AddDays(-options.CommandRetainedDays), cancellationToken);
    }

    private async Task IsGivenAsync(RemoteDevice device, Guid command)
    {
        while (!await remotes.IsGivenAsync(device, command) && devices.Find(device.Key) is RemoteDevice next && next != device)
        {
            device = next;
        }
    }

    private async Task GiveSafelyAsync(LocalDevice device, StoredCommand command)
    {
        try
        {
            await GiveAsync(device, command, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // It is given after the restart.
        }
#pragma warning disable CA1031 // as above: the row has the state of the command
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotGiven(failure);
        }
    }

    private async Task GiveAsync(LocalDevice device, StoredCommand command, CancellationToken cancellationToken)
    {
        if (command.ExpiresAt <= time.GetUtcNow().UtcDateTime && command.State is CommandStates.Queued or CommandStates.Sent)
        {
            return;
        }

        // It stays marked until its end is stored: until then the row looks as if the command were open.
        if (!_giving.TryAdd(command.Id, true))
        {
            return;
        }

        try
        {
            await GiveOnceAsync(device, command, cancellationToken);
        }
        finally
        {
            _giving.TryRemove(command.Id, out _);
        }

        await remotes.TellGivenAsync(command.Id);
    }

    private async Task GiveOnceAsync(LocalDevice device, StoredCommand command, CancellationToken cancellationToken)
    {
        var kind = CommandCatalog.Find(command.Kind);
        if (kind is null || store.Open(command.Arguments) is not { } arguments)
        {
            await store.EndAsync(command.Id, CommandStates.Failed, CommandOutcome.Unreadable, cancellationToken);
            return;
        }

        var begun = command.State is CommandStates.Accepted or CommandStates.Running;
        if (!await store.MoveAsync(command.Id, begun ? command.State : CommandStates.Sent, cancellationToken))
        {
            return; // it has ended in the meantime
        }

        var outcome = await calls.CallAsync(
            device, kind, command.Id, arguments, state => store.MoveAsync(command.Id, state, cancellationToken), cancellationToken);
        if (outcome.IsUndelivered && devices.Find(device.Key) is not RemoteDevice)
        {
            await store.MoveAsync(command.Id, begun ? command.State : CommandStates.Queued, cancellationToken);
        }
        else if (!outcome.IsUndelivered && outcome != CommandOutcome.Lost && outcome != CommandOutcome.Given)
        {
            await store.EndAsync(command.Id, outcome.IsDone ? CommandStates.Done : CommandStates.Failed, outcome, cancellationToken);
        }
    }

    [LoggerMessage(
        LogEvents.CommandNotGiven, LogLevel.Error,
        "A command could not be given to a device; the server tries again when the device connects")]
    private partial void LogNotGiven(Exception failure);
}
