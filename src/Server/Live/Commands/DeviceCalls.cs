using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;

namespace Halley.Server.Live.Commands;

/// <summary>An answer, or why there is none.</summary>
internal readonly record struct DeviceAnswer<T>(T? Value, CommandOutcome Outcome)
    where T : class;

/// <summary>Questions to a device that is connected, answered now or not at all.</summary>
internal sealed class DeviceCalls(CommandRelay relay, TimeProvider time)
{
    /// <summary>Gives a command whose answer is nothing but whether it was done.</summary>
    public Task<CommandOutcome> CallAsync(LiveDevice device, string kind, object arguments, CancellationToken cancellation) =>
        CallAsync(device, CommandCatalog.Of(kind), Guid.NewGuid(), JsonSerializer.Serialize(arguments, arguments.GetType(), LiveJson.Arguments), null, cancellation);

    /// <summary>Asks for something.</summary>
    public async Task<DeviceAnswer<T>> AskAsync<T>(LiveDevice device, string kind, object arguments, CancellationToken cancellation)
        where T : class
    {
        var outcome = await CallAsync(device, kind, arguments, cancellation);
        return new DeviceAnswer<T>(outcome.IsDone ? JsonSerializer.Deserialize<T>(outcome.Answer, CometJson.Options) : null, outcome);
    }

    /// <summary>Gives a command under an id of its own.</summary>
    public async Task<CommandOutcome> CallAsync(
        LiveDevice device, CommandKind kind, Guid id, string arguments, Func<string, Task>? moved, CancellationToken cancellation)
    {
        if (kind.ShowsFileNames && !device.Hello.AllowsFilenames)
        {
            return FileNamesNotAllowed;
        }

        var expires = time.GetUtcNow().UtcDateTime + CommandRelay.TakeLimit;
        var outcome = await relay.AskAsync(device, new DeviceCommand(id, kind.Name, arguments, expires), kind.Patience, moved, cancellation);
        return !outcome.IsDone ? outcome
            : kind.IsAnswer(outcome.Answer) ? outcome
            : CommandOutcome.Unreadable;
    }

    private static readonly CommandOutcome FileNamesNotAllowed =
        new(CommandOutcome.FileNamesNotAllowed, "The user of this device does not allow that the names of his files are seen from the server.");
}
