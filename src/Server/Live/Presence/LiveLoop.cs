using System.Security.Cryptography;
using Halley.Protocol.Live;
using Halley.Server.Live.Lobby;

namespace Halley.Server.Live.Presence;

/// <summary>Does the work of every second, and asks all devices to reconnect when this instance stops.</summary>
internal sealed class LiveLoop(
    LivePresence presence, LiveSockets sockets, LobbyDevices lobby, LiveOptions options, IHostApplicationLifetime lifetime,
    TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoodByeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // This runs before the framework closes the sockets, which it does on the same event.
        lifetime.ApplicationStopping.Register(SayGoodBye);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                presence.Sweep();
                lobby.Sweep();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // Each device gets its own time to reconnect, to spread the load on the instance that takes over. Devices close their sockets
    // themselves: messages in transit are lost when the framework closes them.
    private void SayGoodBye()
    {
        var all = sockets.All.Select(socket => presence.SendLeaveAsync(socket, new LeaveOrder(
            LeaveReasons.Draining, RandomNumberGenerator.GetInt32(1, 2 + options.DrainSeconds),
            "This server is stopping. Reconnect in a moment.")));
#pragma warning disable RS0030 // callbacks of this event are synchronous, and the framework closes the sockets in the next one
        Task.WhenAll(all).Wait(GoodByeLimit);
#pragma warning restore RS0030
        SpinWait.SpinUntil(() => sockets.Count == 0, LeaveLimit);
    }
}
