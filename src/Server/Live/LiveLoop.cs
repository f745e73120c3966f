using System.Security.Cryptography;
using Halley.Protocol.Live;
using Halley.Server.Live.Lobby;

namespace Halley.Server.Live;

/// <summary>What is due every second, and the good-bye of an instance that stops.</summary>
internal sealed class LiveLoop(
    LivePresence presence, LiveSockets sockets, LobbyDevices lobby, LiveOptions options, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoodByeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the framework closes the sockets, which it does when it is told of the same.
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

    // Each device gets a time of its own, so that they do not all come at once to whoever takes over. They close their sockets themselves: when the
    // framework does it, what is still on its way is lost.
    private void SayGoodBye()
    {
        var all = sockets.All.Select(socket => presence.TellAsync(socket, new LeaveOrder(
            LeaveReasons.Draining, RandomNumberGenerator.GetInt32(1, 2 + options.DrainSeconds), "This server stops; come back in a moment.")));
#pragma warning disable RS0030 // callbacks of this event are synchronous, and the framework's own, which closes the sockets, comes next
        Task.WhenAll(all).Wait(GoodByeLimit);
#pragma warning restore RS0030
        SpinWait.SpinUntil(() => sockets.Count == 0, LeaveLimit);
    }
}
