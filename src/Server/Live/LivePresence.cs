using Halley.Protocol.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Live.Remote;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

/// <summary>Devices come and go: who has to be told what then.</summary>
internal sealed class LivePresence(
    LiveDevices devices, LiveSockets sockets, CommandRelay relay, DeviceCommands commands, RemoteDevices remotes, LiveEvents events,
    IHubContext<LiveHub, ILiveDevice> hub, TimeProvider time)
{
    /// <summary>Time a socket has to say what it is.</summary>
    public static readonly TimeSpan AttachLimit = TimeSpan.FromSeconds(10);

    private const int ReplacedWait = 90;
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(2);
    private static readonly LeaveOrder Replaced = new(
        LeaveReasons.Replaced, ReplacedWait,
        "Another program has connected under the same device id. If it runs on another machine, give one of them an id of its own.");

    public async Task<LiveDevice> AttachAsync(LiveSocket socket, LiveHello hello, string address, CancellationToken cancellationToken)
    {
        var attachment = devices.Attach(socket, hello, address);
        var device = attachment.Device;
        if (attachment.Replaced is { } replaced)
        {
            relay.Lose(replaced);
            events.Disconnected(replaced);
            if (attachment.OldSocket is { } old)
            {
                await CloseAsync(old, Replaced);
            }
        }
        else
        {
            attachment.OldSocket?.Close();
        }

        if (attachment.IsNew)
        {
            events.Connected(device);
        }

        await relay.ResendAsync(device);
        commands.DeliverTo(device);
        return device;
    }

    /// <summary>A device has attached to another instance since. That one tells of it; here is told of what went.</summary>
    public async Task YieldAsync(Yielded yielded)
    {
        relay.Lose(yielded.Device);
        if (!yielded.IsSame)
        {
            events.Disconnected(yielded.Device);
        }

        if (yielded.Socket is not { } socket)
        {
            return;
        }

        if (yielded.IsSame)
        {
            socket.Close();
        }
        else
        {
            await CloseAsync(socket, Replaced);
        }
    }

    /// <summary>Another instance is gone, and these devices with it.</summary>
    public void TellGone(IEnumerable<RemoteDevice> gone)
    {
        foreach (var device in gone)
        {
            events.Disconnected(device);
        }
    }

    /// <summary>Tells a device to go, and closes its connection: it is offline at once.</summary>
    public Task DismissAsync(LiveDevice device, LeaveOrder order)
    {
        if (device is LocalDevice local)
        {
            return DismissHereAsync(local, order);
        }

        devices.Remove(device);
        return remotes.DismissAsync((RemoteDevice)device, order);
    }

    private async Task DismissHereAsync(LocalDevice device, LeaveOrder order)
    {
        var socket = device.Socket;
        if (devices.Remove(device))
        {
            relay.Lose(device);
            events.Disconnected(device);
        }

        if (socket is not null)
        {
            await CloseAsync(socket, order);
        }
    }

    /// <summary>Closes sockets that do not say what they are, and takes devices offline whose grace time is over.</summary>
    public void Sweep()
    {
        var before = time.GetUtcNow() - AttachLimit;
        foreach (var socket in sockets.All.Where(socket => socket.Device is null && socket.Since <= before))
        {
            socket.Close();
        }

        foreach (var device in devices.RemoveGone())
        {
            relay.Lose(device);
            events.Disconnected(device);
        }
    }

    /// <summary>Says why, and closes.</summary>
    public async Task CloseAsync(LiveSocket socket, LeaveOrder order)
    {
        await TellAsync(socket, order);
        socket.Close();
    }

    /// <summary>Says why a device should go. Who does not listen is not waited for.</summary>
    public async Task TellAsync(LiveSocket socket, LeaveOrder order) =>
        await hub.Clients.Client(socket.Id).Leave(order).WaitAsync(SendLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
