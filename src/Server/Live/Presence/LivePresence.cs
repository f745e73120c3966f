using Halley.Protocol.Live;
using Halley.Server.Live.Commands;

namespace Halley.Server.Live.Presence;

/// <summary>Notifies the rest of the server when devices connect and disconnect.</summary>
internal sealed class LivePresence(
    LiveDevices devices, LiveSockets sockets, CommandRelay relay, DeviceCommands commands, RemoteDevices remotes, LiveEvents events,
    TimeProvider time)
{
    // Both programs of two machines under one id are alive, so the replaced one comes back soon and shows it; after a restart it does not.
    // Machines that are known as clones take turns slowly.
    private const int ProofWait = 10;
    private const int CloneWait = 90;
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(2);

    private static LeaveOrder Replaced(LiveDevice device) => new(
        LeaveReasons.Replaced, device.IsCloned ? CloneWait : ProofWait,
        "Another program has connected with the same device id. If it runs on another machine, give one of them an id of its own.");

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
                await CloseAsync(old, Replaced(replaced));
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

    /// <summary>
    /// Closes what is left of a device that has attached to another instance. That instance writes the event of its new connection.
    /// </summary>
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
            await CloseAsync(socket, Replaced(yielded.Device));
        }
    }

    /// <summary>Writes events for the devices of an instance that is gone.</summary>
    public void DisconnectAll(IEnumerable<RemoteDevice> gone)
    {
        foreach (var device in gone)
        {
            events.Disconnected(device);
        }
    }

    /// <summary>Closes the connection of a device with a reason; it is offline at once.</summary>
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

    /// <summary>Closes sockets that have not attached in time, and takes devices offline whose grace time is over.</summary>
    public void Sweep()
    {
        var before = time.GetUtcNow() - LiveSockets.AttachLimit;
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

    /// <summary>Sends the reason and closes the socket.</summary>
    public async Task CloseAsync(LiveSocket socket, LeaveOrder order)
    {
        await SendLeaveAsync(socket, order);
        socket.Close();
    }

    /// <summary>Sends the reason why a device should leave. A device that does not read it does not hold this up for long.</summary>
    public async Task SendLeaveAsync(LiveSocket socket, LeaveOrder order) =>
        await socket.Client.Leave(order).WaitAsync(SendLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
