using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>
/// Gives commands to a device that is connected to any instance, and waits for their answers. When the device moves to another instance in
/// the meantime, the command is sent again there under the same id, by which the device recognizes it.
/// </summary>
internal sealed class DeviceCalls(CommandRelay relay, RemoteDevices remotes, LiveDevices devices, TimeProvider time)
{
    /// <summary>Gives a command that no row of the database stands for.</summary>
    public Task<CommandOutcome> CallAsync<TArguments>(
        LiveDevice device, CommandKind<TArguments> kind, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : class => CallAsync(device, kind, Guid.NewGuid(), kind.Write(arguments), moved: null, cancellationToken);

    /// <summary>Gives a command under an id of its own.</summary>
    public async Task<CommandOutcome> CallAsync(
        LiveDevice device, CommandKind kind, Guid id, string arguments, Func<string, Task>? moved, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = device is RemoteDevice remote
                ? await remotes.AskAsync(remote, kind, id, arguments, moved, cancellationToken)
                : await CallHereAsync((LocalDevice)device, kind, id, arguments, moved, cancellationToken);
            if ((outcome != CommandOutcome.Lost && outcome != CommandOutcome.LostUnheard) || SuccessorOf(device) is not { } successor)
            {
                return outcome;
            }

            device = successor;
        }
    }

    /// <summary>Gives a command to a device of this instance, and does not follow it to another one.</summary>
    public async Task<CommandOutcome> CallHereAsync(
        LocalDevice device, CommandKind kind, Guid id, string arguments, Func<string, Task>? moved, CancellationToken cancellationToken)
    {
        if (kind.ShowsFileNames && !device.Hello.AllowsFilenames)
        {
            return CommandOutcome.FileNamesNotAllowed;
        }

        var command = new DeviceCommand(id, kind.Name, arguments, time.GetUtcNow().UtcDateTime + CommandRelay.TakeLimit);
        var outcome = await relay.AskAsync(device, command, kind.Patience, moved, cancellationToken);
        return !outcome.IsDone || kind.IsAnswer(outcome.Answer) ? outcome : CommandOutcome.Unreadable;
    }

    // The same program under the same id, on another connection.
    private LiveDevice? SuccessorOf(LiveDevice device) =>
        devices.Find(device.Key) is { } now && now != device && now.Id == device.Id ? now : null;
}
