using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.Live.Lobby;

/// <summary>
/// The devices in the lobby. Their number is limited in total and per address, because no credential is needed. An id belongs to the first
/// device that presents it; only one from the same address may replace it.
/// </summary>
internal sealed class LobbyDevices(LiveOptions options, TimeProvider time)
{
    private const int MostOfAddress = 200;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LobbyDevice> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LobbyDevice> _waiting = new(StringComparer.Ordinal);

    /// <summary>Number of connections, with and without a presented device.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Admits a connection; false when there are too many.</summary>
    public bool TryEnter(LobbyDevice device)
    {
        lock (_lock)
        {
            return _open.Count < options.MaxWaiting && _open.Values.Count(one => one.Address == device.Address) < MostOfAddress
                && _open.TryAdd(device.SocketId, device);
        }
    }

    /// <summary>Notes how a device presents itself. The caller closes the one that it replaces.</summary>
    public (LobbyWelcome Welcome, LobbyDevice? Replaced) Present(LobbyDevice device, LobbyHello hello)
    {
        lock (_lock)
        {
            var before = _waiting.GetValueOrDefault(hello.DeviceId);
            if (device.Hello is not null || (before is not null && before.Address != device.Address))
            {
                return (device.Hello is null
                    ? new LobbyWelcome("device_id_taken", "Another device is waiting with this id.")
                    : new LobbyWelcome("waiting_already", "This connection has already presented its device."), null);
            }

            device.Hello = hello;
            _waiting[hello.DeviceId] = device;
            return (new LobbyWelcome(), before);
        }
    }

    public LobbyDevice? Leave(string socketId)
    {
        lock (_lock)
        {
            if (!_open.Remove(socketId, out var device))
            {
                return null;
            }

            if (device.Hello is { } hello && _waiting.GetValueOrDefault(hello.DeviceId) == device)
            {
                _waiting.Remove(hello.DeviceId);
            }

            return device;
        }
    }

    public LobbyDevice? OnSocket(string socketId)
    {
        lock (_lock)
        {
            return _open.GetValueOrDefault(socketId);
        }
    }

    public LobbyDevice? Find(string deviceId, TenantScope scope)
    {
        lock (_lock)
        {
            return _waiting.TryGetValue(deviceId, out var device) && scope.Contains(device.OrganizationId) ? device : null;
        }
    }

    /// <summary>The waiting devices, in the order of their connections.</summary>
    public IReadOnlyList<LobbyDevice> List(TenantScope scope)
    {
        lock (_lock)
        {
            return [.. _waiting.Values.Where(device => scope.Contains(device.OrganizationId)).OrderBy(device => device.Since)];
        }
    }

    /// <summary>Closes connections on which no device has presented itself.</summary>
    public void Sweep()
    {
        var before = time.GetUtcNow() - LiveSockets.AttachLimit;
        List<LobbyDevice> silent;
        lock (_lock)
        {
            silent = [.. _open.Values.Where(device => device.Hello is null && device.Since <= before)];
        }

        silent.ForEach(device => device.Close());
    }
}
