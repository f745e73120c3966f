using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Halley.Server.Live.Remote;

namespace Halley.Server.Live.Commands;

/// <summary>What somebody wants a device to do, and by when.</summary>
internal sealed record CommandRequest(DeviceKey Device, string Username, string OrganizationId, CommandKind Kind, string Arguments, TimeSpan Ttl, string Actor);

/// <summary>
/// Commands that are kept until a device has done them: given at once when it is connected, otherwise when it comes. One that was given and not
/// answered is given again when the device is back, under the same id, by which the device knows it. The instance to which the device is
/// connected gives it; the others tell that one that there is something to give.
/// </summary>
internal sealed partial class DeviceCommands(
    CommandStore store, DeviceCalls calls, LiveDevices devices, RemoteDevices remotes, LiveOptions options, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<DeviceCommands> logger)
{
    /// <summary>How long after its time a command that a device took may still be answered.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<Guid, bool> _giving = new();

    /// <summary>Keeps a command and gives it when the device is there. The task of giving ends when it is done, failed, or waits for the device again.</summary>
    public async Task<(StoredCommand Command, Task Giving)> AddAsync(CommandRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var command = new StoredCommand
        {
            Id = Guid.CreateVersion7(now),
            AccountId = request.Device.AccountId,
            DeviceId = request.Device.DeviceId,
            Username = request.Username,
            OrganizationId = request.OrganizationId,
            Kind = request.Kind.Name,
            Arguments = store.Seal(request.Arguments),
            State = CommandStates.Queued,
            Actor = request.Actor,
            CreatedAt = now.UtcDateTime,
            ExpiresAt = (now + request.Ttl).UtcDateTime,
        };
        await store.AddAsync(command, cancellationToken);
        return (command, devices.Find(request.Device) switch
        {
            LocalDevice device => Task.Run(() => GiveSafelyAsync(device, command), CancellationToken.None),
            RemoteDevice device => IsGivenAsync(device, command.Id),
            _ => Task.CompletedTask,
        });
    }

    /// <summary>Sees to it that a device that is connected is given everything that waits for it. Returns at once.</summary>
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
            // They are given when the server is back.
        }
#pragma warning disable CA1031 // nobody waits for this; what was not given now is given when the device comes again
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotGiven(failure);
        }
    });

    /// <summary>Ends commands whose time is over, gives those that were not given although their device is there, and removes old ones.</summary>
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
            // It is given when the server is back.
        }
#pragma warning disable CA1031 // the same: the row says how far it has come
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

        // Until its end is stored, too: whoever looks in between finds a row that seems to be open.
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
            return; // it has ended since it was read
        }

        var outcome = await calls.CallAsync(device, kind, command.Id, arguments, state => store.MoveAsync(command.Id, state, cancellationToken), cancellationToken);
        if (outcome.IsUndelivered && devices.Find(device.Key) is not RemoteDevice)
        {
            await store.MoveAsync(command.Id, begun ? command.State : CommandStates.Queued, cancellationToken);
        }
        else if (!outcome.IsUndelivered && outcome != CommandOutcome.Lost && outcome != CommandOutcome.Given)
        {
            await store.EndAsync(command.Id, outcome.IsDone ? CommandStates.Done : CommandStates.Failed, outcome, cancellationToken);
        }
    }

    [LoggerMessage(LogEvents.CommandNotGiven, LogLevel.Error, "A command could not be given to a device; it is tried again when the device connects")]
    private partial void LogNotGiven(Exception failure);
}
