using System.Collections.Concurrent;
using Halley.Server.Instances;
using Halley.Server.Live.Commands;
using Halley.Server.Organizations;

namespace Halley.Server.Live.Elsewhere;

/// <summary>What other instances want of the devices that are connected to this one.</summary>
internal sealed partial class OrdersOfOthers
{
    private readonly InstanceBus _bus;
    private readonly LiveDevices _devices;
    private readonly LivePresence _presence;
    private readonly DeviceCalls _calls;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _answering = new();

    public OrdersOfOthers(
        InstanceBus bus, LiveDevices devices, LivePresence presence, DeviceCalls calls, DeviceCommands commands, ILogger<OrdersOfOthers> logger)
    {
        (_bus, _devices, _presence, _calls, _logger) = (bus, devices, presence, calls, logger);
        bus.On<AskOrder>(InstanceOrders.Ask, (from, order) => Begin(() => AnswerAsync(from, order)));
        bus.On<Guid>(InstanceOrders.StopAsking, (_, command) => StopAsync(command));
        bus.On<DismissOrder>(InstanceOrders.Dismiss, (_, order) => Begin(() => DismissAsync(order)));
        bus.On<Guid>(InstanceOrders.Deliver, (_, id) =>
        {
            if (Find(id) is { } device)
            {
                commands.DeliverTo(device);
            }

            return Task.CompletedTask;
        });
    }

    private LocalDevice? Find(Guid id) => _devices.Find(id, TenantScope.Everything) as LocalDevice;

    // Beside the messages, which must not wait for a device.
    private Task Begin(Func<Task> work)
    {
        _ = Task.Run(async () =>
        {
            try
            {
                await work();
            }
#pragma warning disable CA1031 // nobody waits for this here; who asked gives up by himself
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Failed(failure);
            }
        });
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(Guid from, AskOrder order)
    {
        using var stop = new CancellationTokenSource();
        _answering[order.Command] = stop;
        CommandOutcome outcome;
        try
        {
            outcome = Find(order.Device) is not { } device ? CommandOutcome.LostUnheard
                : CommandCatalog.Find(order.Kind) is not { } kind ? CommandOutcome.Unreadable
                : await _calls.CallHereAsync(device, kind, order.Command, order.Arguments, MovedAsync, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            _answering.TryRemove(order.Command, out _);
        }

        await _bus.TellAsync(from, InstanceOrders.Outcome, CommandEnded.Of(order.Command, outcome));

        Task MovedAsync(string state) => _bus.TellAsync(from, InstanceOrders.Moved, new CommandMoved(order.Command, state));
    }

    private async Task StopAsync(Guid command)
    {
        if (_answering.TryRemove(command, out var stop))
        {
            await stop.CancelAsync();
        }
    }

    private Task DismissAsync(DismissOrder order) => Find(order.Device) is { } device ? _presence.DismissAsync(device, order.Order) : Task.CompletedTask;

    [LoggerMessage(LogEvents.InstanceOrderFailed, LogLevel.Error, "What another instance wanted of a device could not be done")]
    private partial void Failed(Exception failure);
}
