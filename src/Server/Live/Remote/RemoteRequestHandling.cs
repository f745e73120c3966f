using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Instances;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Presence;
using Halley.Server.Organizations;

namespace Halley.Server.Live.Remote;

/// <summary>Carries out the requests of other instances about devices of this one.</summary>
internal sealed partial class RemoteRequestHandling(
    InstanceBus bus, LiveDevices devices, LivePresence presence, DeviceCalls calls, DeviceCommands commands,
    ILogger<RemoteRequestHandling> logger)
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _answering = new();

    /// <summary>Starts to accept requests.</summary>
    public void Listen()
    {
        bus.On<AskRequest>(RemoteRequests.Ask, (from, request) => Begin(() => AnswerAsync(from, request)));
        bus.On<Guid>(RemoteRequests.StopAsking, (_, command) => StopAsync(command));
        bus.On<DismissRequest>(RemoteRequests.Dismiss, (_, request) => Begin(() => DismissAsync(request)));
        bus.On<Guid>(RemoteRequests.Deliver, (_, id) =>
        {
            if (Find(id) is { } device)
            {
                commands.DeliverTo(device);
            }

            return Task.CompletedTask;
        });
    }

    private LocalDevice? Find(Guid id) => devices.Find(id, TenantScope.Everything) as LocalDevice;

    // Runs beside the message loop, which must not wait for a device.
    private Task Begin(Func<Task> work)
    {
        _ = Task.Run(async () =>
        {
            try
            {
                await work();
            }
#pragma warning disable CA1031 // no caller waits for this; the other instance has a time limit
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure);
            }
        });
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(Guid from, AskRequest request)
    {
        using var stop = new CancellationTokenSource();
        _answering[request.Command] = stop;
        CommandOutcome outcome;
        try
        {
            outcome = Find(request.Device) is not { } device ? CommandOutcome.LostUnheard
                : CommandCatalog.Find(request.Kind) is not { } kind ? CommandOutcome.Unreadable
                : await calls.CallHereAsync(device, kind, request.Command, request.Arguments, MovedAsync, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            _answering.TryRemove(request.Command, out _);
        }

        await bus.TellAsync(from, RemoteRequests.Outcome, CommandEnded.Of(request.Command, outcome));

        Task MovedAsync(string state) => bus.TellAsync(from, RemoteRequests.Moved, new CommandMoved(request.Command, state));
    }

    private async Task StopAsync(Guid command)
    {
        if (_answering.TryRemove(command, out var stop))
        {
            await stop.CancelAsync();
        }
    }

    private Task DismissAsync(DismissRequest request) =>
        Find(request.Device) is { } device ? presence.DismissAsync(device, request.Order) : Task.CompletedTask;

    [LoggerMessage(LogEvents.InstanceOrderFailed, LogLevel.Error, "A request of another instance about a device failed")]
    private partial void LogFailed(Exception failure);
}
