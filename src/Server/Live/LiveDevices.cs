using Halley.Protocol.Live;
using Halley.Server.Organizations;

namespace Halley.Server.Live;

/// <summary>What became of an attempt to attach: the device, whether it is a new one, and the one it takes the place of.</summary>
internal readonly record struct Attachment(LiveDevice Device, bool IsNew, LiveDevice? Replaced, LiveSocket? OldSocket);

/// <summary>
/// The devices that are connected to this instance. A device that comes back within the grace time on another socket is the same one; when another
/// program comes under its id, the newer wins. The end of a socket counts only for the device that is still on it, so one that is noticed
/// late takes nobody off line.
/// </summary>
internal sealed class LiveDevices(TimeProvider time)
{
    /// <summary>How long a device counts as connected after its socket has ended.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<DeviceKey, LiveDevice> _byKey = [];
    private readonly Dictionary<Guid, LiveDevice> _byId = [];
    private readonly CloneWatch _clones = new(time);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byId.Count;
            }
        }
    }

    public Attachment Attach(LiveSocket socket, LiveHello hello, string address)
    {
        var now = time.GetUtcNow();
        var key = new DeviceKey(socket.Account.Id, socket.DeviceId);
        lock (_lock)
        {
            var known = _byKey.GetValueOrDefault(key);
            if (known is not null && known.Hello.ProcessId == hello.ProcessId)
            {
                var old = known.Socket == socket ? null : known.Socket;
                (known.Socket, known.DetachedAt, known.Hello, known.Address, known.LastSeen) = (socket, null, hello, address, now);
                known.ClockAhead = hello.SentAt.ToUniversalTime() - now.UtcDateTime;
                socket.Device = known;
                return new Attachment(known, IsNew: false, Replaced: null, old);
            }

            var device = new LiveDevice(key, socket, hello, address, now)
            {
                IsCloned = _clones.IsClone(key, known?.Hello.ProcessId, hello.ProcessId),
                ClockAhead = hello.SentAt.ToUniversalTime() - now.UtcDateTime,
            };
            if (known is not null)
            {
                _byId.Remove(known.Id);
            }

            (_byKey[key], _byId[device.Id], socket.Device) = (device, device, device);
            return new Attachment(device, IsNew: true, known, known?.Socket);
        }
    }

    /// <summary>A socket has ended. Its device has the grace time to come back.</summary>
    public void Detach(LiveSocket socket)
    {
        lock (_lock)
        {
            if (socket.Device is { } device && device.Socket == socket)
            {
                (device.Socket, device.DetachedAt, device.LastSeen) = (null, time.GetUtcNow(), time.GetUtcNow());
            }
        }
    }

    /// <summary>Takes a device off line at once. False when it was not connected any more.</summary>
    public bool Remove(LiveDevice device)
    {
        lock (_lock)
        {
            if (!_byId.Remove(device.Id))
            {
                return false;
            }

            (device.Socket, device.DetachedAt) = (null, device.DetachedAt ?? time.GetUtcNow());
            return _byKey.Remove(device.Key);
        }
    }

    /// <summary>Takes off line, and returns, those whose grace time is over.</summary>
    public IReadOnlyList<LiveDevice> RemoveGone()
    {
        var before = time.GetUtcNow() - Grace;
        lock (_lock)
        {
            List<LiveDevice> gone = [.. _byId.Values.Where(device => device.DetachedAt <= before)];
            foreach (var device in gone)
            {
                _byId.Remove(device.Id);
                _byKey.Remove(device.Key);
            }

            return gone;
        }
    }

    public void Beat(LiveDevice device, LiveHeartbeat beat)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            device.LastSeen = now;
            device.ClockAhead = beat.SentAt.ToUniversalTime() - now.UtcDateTime;
            device.Jobs = (beat.Jobs, device.Jobs.Last);
        }
    }

    public LiveDevice? Find(Guid id, TenantScope scope)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(id, out var device) && scope.Contains(device.OrganizationId) ? device : null;
        }
    }

    public LiveDevice? Find(DeviceKey key)
    {
        lock (_lock)
        {
            return _byKey.GetValueOrDefault(key);
        }
    }

    /// <summary>All that are connected, in no order.</summary>
    public IReadOnlyList<LiveDevice> List(TenantScope scope)
    {
        lock (_lock)
        {
            return [.. _byId.Values.Where(device => scope.Contains(device.OrganizationId))];
        }
    }
}
