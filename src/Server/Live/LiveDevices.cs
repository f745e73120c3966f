using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.Live;

/// <summary>The result of an attach: the device, whether it is new, and the device and socket of this instance that it replaces.</summary>
internal readonly record struct Attachment(LocalDevice Device, bool IsNew, LocalDevice? Replaced, LiveSocket? OldSocket);

/// <summary>A device of this instance that has since attached to another one.</summary>
/// <param name="Device">The device as it was here.</param>
/// <param name="Socket">Its remaining websocket, if there is one.</param>
/// <param name="IsSame">True when the same program has only changed its connection.</param>
internal sealed record Yielded(LocalDevice Device, LiveSocket? Socket, bool IsSame);

/// <summary>
/// The devices that are connected to this instance and to others. A device that reconnects within the grace time, to any instance, is the
/// same device; another program with its id replaces it. The end of a socket counts only for the device that still uses it, so that a late
/// one takes no device offline.
/// </summary>
internal sealed class LiveDevices(PresenceChanges changes, TimeProvider time)
{
    /// <summary>How long a device counts as connected after its socket has ended.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>How much the time at which a device was last seen may lag behind at other instances.</summary>
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

    /// <summary>Notes the end of a socket. Its device has the grace time to reconnect.</summary>
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

    /// <summary>Takes a device offline at once; false when it was already offline.</summary>
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

    /// <summary>Takes the devices of this instance offline whose grace time is over, and returns them.</summary>
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

    /// <summary>All connected devices of a scope, in no order.</summary>
    public IReadOnlyList<LiveDevice> List(TenantScope scope)
    {
        lock (_lock)
        {
            return [.. _byId.Values.Where(device => scope.Contains(device.OrganizationId))];
        }
    }

    /// <summary>
    /// Notes a device of another instance, as that instance describes it. Returns the device of this instance that it replaces, because it
    /// has attached there later than here.
    /// </summary>
    public Yielded? Learn(Guid owner, SharedDevice facts)
    {
        lock (_lock)
        {
            var known = _byKey.GetValueOrDefault(facts.Key);
            var isOwner = known is RemoteDevice remote && remote.Owner == owner;
            if (isOwner && known!.Id == facts.Id)
            {
                facts.CopyTo((RemoteDevice)known);
                return null;
            }

            if (known is not null && !isOwner && known.Turn >= facts.Turn)
            {
                // It has moved here, or elsewhere, and the other instance does not know that yet.
                return null;
            }

            var isSame = known?.Hello.ProcessId == facts.Hello.ProcessId;
            if (known is not null && !isSame)
            {
                // Remembered here, too, so that a clone is noticed at any instance.
                _clones.IsClone(facts.Key, known.Hello.ProcessId, facts.Hello.ProcessId);
            }

            Put(facts.ToDevice(owner), known);
            if (known is not LocalDevice local)
            {
                return null;
            }

            var socket = local.Socket;
            (local.Socket, local.DetachedAt) = (null, local.DetachedAt ?? time.GetUtcNow());
            return new Yielded(local, socket, isSame);
        }
    }

    /// <summary>Forgets a device that has left another instance; null when it is known elsewhere or not at all.</summary>
    public RemoteDevice? Forget(Guid owner, Guid id)
    {
        lock (_lock)
        {
            if (_byId.GetValueOrDefault(id) is not RemoteDevice device || device.Owner != owner)
            {
                return null;
            }

            Take(device);
            return device;
        }
    }

    /// <summary>Forgets the devices of another instance, except <paramref name="kept"/>, and returns them.</summary>
    public IReadOnlyList<RemoteDevice> ForgetAll(Guid owner, IReadOnlySet<Guid> kept)
    {
        lock (_lock)
        {
            List<RemoteDevice> gone =
                [.. _byId.Values.OfType<RemoteDevice>().Where(device => device.Owner == owner && !kept.Contains(device.Id))];
            gone.ForEach(Take);
            return gone;
        }
    }

    /// <summary>
    /// What other instances need to know of the devices of this instance among <paramref name="ids"/>; a missing one is offline.
    /// </summary>
    public IReadOnlyList<SharedDevice> Shared(IEnumerable<Guid> ids)
    {
        lock (_lock)
        {
            return [.. ids.Select(id => _byId.GetValueOrDefault(id)).OfType<LocalDevice>().Select(SharedDevice.Of)];
        }
    }

    /// <summary>The ids of all devices of this instance.</summary>
    public IReadOnlyList<Guid> LocalIds()
    {
        lock (_lock)
        {
            return [.. _byId.Values.OfType<LocalDevice>().Select(device => device.Id)];
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
