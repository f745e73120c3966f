using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Live.Remote;
using Halley.Server.Organizations;

namespace Halley.Server.Live;

/// <summary>What became of an attempt to attach: the device, whether it is a new one, and the one of this instance it takes the place of.</summary>
internal readonly record struct Attachment(LocalDevice Device, bool IsNew, LocalDevice? Replaced, LiveSocket? OldSocket);

/// <summary>
/// The devices that are connected, to this instance and to others. A device that comes back within the grace time on another socket is the same
/// one, wherever it comes back; when another program comes under its id, the newer wins. The end of a socket counts only for the device that is
/// still on it, so one that is noticed late takes nobody offline.
/// </summary>
internal sealed partial class LiveDevices(PresenceChanges changes, TimeProvider time)
{
    /// <summary>How long a device counts as connected after its socket has ended.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>How old the time at which a device was last seen may be at other instances.</summary>
    private static readonly TimeSpan ShareAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<DeviceKey, LiveDevice> _byKey = [];
    private readonly Dictionary<Guid, LiveDevice> _byId = [];
    private readonly CloneWatch _clones = new(time);

    public Attachment Attach(LiveSocket socket, LiveHello hello, string address)
    {
        var now = time.GetUtcNow();
        var key = new DeviceKey(socket.Account.Id, socket.DeviceId);
        lock (_lock)
        {
            var known = _byKey.GetValueOrDefault(key);
            var isSame = known is not null && known.Hello.ProcessId == hello.ProcessId;
            var old = (known as LocalDevice)?.Socket;
            if (known is not LocalDevice device || !isSame)
            {
                device = new LocalDevice(isSame ? known!.Id : Guid.NewGuid(), key, socket, isSame ? known!.Since : now)
                {
                    Hello = hello,
                    Address = address,
                    IsCloned = isSame ? known!.IsCloned : _clones.IsClone(key, known?.Hello.ProcessId, hello.ProcessId),
                };
                Put(device, known);
            }

            (device.Socket, device.DetachedAt, device.Hello, device.Address, device.LastSeen) = (socket, null, hello, address, now);
            device.ClockAhead = hello.SentAt.ToUniversalTime() - now.UtcDateTime;
            device.Turn = Math.Max(now.UtcTicks, (known?.Turn ?? 0) + 1);
            socket.Device = device;
            Share(device, now);
            return new Attachment(device, !isSame, isSame ? null : known as LocalDevice, old == socket ? null : old);
        }
    }

    /// <summary>A socket has ended. Its device has the grace time to come back.</summary>
    public void Detach(LiveSocket socket)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (socket.Device is { } device && device.Socket == socket)
            {
                (device.Socket, device.DetachedAt, device.LastSeen) = (null, now, now);
                Share(device, now);
            }
        }
    }

    /// <summary>Takes a device offline at once. False when it was not connected any more.</summary>
    public bool Remove(LiveDevice device)
    {
        lock (_lock)
        {
            if (_byKey.GetValueOrDefault(device.Key) != device)
            {
                return false;
            }

            if (device is LocalDevice local)
            {
                (local.Socket, local.DetachedAt) = (null, local.DetachedAt ?? time.GetUtcNow());
            }

            Take(device);
            return true;
        }
    }

    /// <summary>Takes offline, and returns, those of this instance whose grace time is over.</summary>
    public IReadOnlyList<LocalDevice> RemoveGone()
    {
        var before = time.GetUtcNow() - Grace;
        lock (_lock)
        {
            List<LocalDevice> gone = [.. _byId.Values.OfType<LocalDevice>().Where(device => device.DetachedAt <= before)];
            gone.ForEach(Take);
            return gone;
        }
    }

    public void Beat(LocalDevice device, LiveHeartbeat beat)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            device.LastSeen = now;
            device.ClockAhead = beat.SentAt.ToUniversalTime() - now.UtcDateTime;
            device.Jobs = (beat.Jobs, device.Jobs.Last);
            if (now - device.SharedAt >= ShareAgain)
            {
                Share(device, now);
            }
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

    private void Put(LiveDevice device, LiveDevice? before)
    {
        if (before is not null)
        {
            Take(before);
        }

        (_byKey[device.Key], _byId[device.Id]) = (device, device);
    }

    private void Take(LiveDevice device)
    {
        _byKey.Remove(device.Key);
        _byId.Remove(device.Id);
        if (device is RemoteDevice remote)
        {
            remote.Leave();
        }
        else
        {
            changes.Note(device.Id);
        }
    }

    private void Share(LocalDevice device, DateTimeOffset now)
    {
        device.SharedAt = now;
        changes.Note(device.Id);
    }
}
