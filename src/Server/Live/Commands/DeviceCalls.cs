using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Server.Live.Remote;

namespace Halley.Server.Live.Commands;

/// <summary>An answer, or why there is none.</summary>
internal readonly record struct DeviceAnswer<T>(T? Value, CommandOutcome Outcome)
    where T : class;

/// <summary>
/// Questions to a device that is connected, here or to another instance, answered now or not at all. When the device changes the instance meanwhile
/// it is asked again there, under the same id, by which it knows the command.
/// </summary>
internal sealed class DeviceCalls(CommandRelay relay, RemoteDevices remotes, LiveDevices devices, TimeProvider time)
{
    /// <summary>Gives a command whose answer is nothing but whether it was done.</summary>
    public Task<CommandOutcome> CallAsync(LiveDevice device, string kind, object arguments, CancellationToken cancellationToken) =>
        CallAsync(device, CommandCatalog.Of(kind), Guid.NewGuid(), JsonSerializer.Serialize(arguments, arguments.GetType(), LiveJson.Arguments), null, cancellationToken);

    /// <summary>Asks for something.</summary>
    public async Task<DeviceAnswer<T>> AskAsync<T>(LiveDevice device, string kind, object arguments, CancellationToken cancellationToken)
        where T : class
    {
        var outcome = await CallAsync(device, kind, arguments, cancellationToken);
        return new DeviceAnswer<T>(outcome.IsDone ? JsonSerializer.Deserialize<T>(outcome.Answer, CometJson.Options) : null, outcome);
    }

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

    /// <summary>The same for a device of this instance, wherever it goes.</summary>
    public async Task<CommandOutcome> CallHereAsync(
        LocalDevice device, CommandKind kind, Guid id, string arguments, Func<string, Task>? moved, CancellationToken cancellationToken)
    {
        if (kind.ShowsFileNames && !device.Hello.AllowsFilenames)
        {
            return FileNamesNotAllowed;
        }

        var expires = time.GetUtcNow().UtcDateTime + CommandRelay.TakeLimit;
        var outcome = await relay.AskAsync(device, new DeviceCommand(id, kind.Name, arguments, expires), kind.Patience, moved, cancellationToken);
        return !outcome.IsDone ? outcome
            : kind.IsAnswer(outcome.Answer) ? outcome
            : CommandOutcome.Unreadable;
    }

    // The same program under the same id, on another line.
    private LiveDevice? SuccessorOf(LiveDevice device) => devices.Find(device.Key) is { } now && now != device && now.Id == device.Id ? now : null;

    private static readonly CommandOutcome FileNamesNotAllowed =
        new(CommandOutcome.FileNamesNotAllowed, "The user of this device does not allow that the names of his files are seen from the server.");
}
