using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.Organizations;

namespace Halley.Server.Live.Lobby;

/// <summary>
/// Who is in the lobby, bounded in all and for each address, since anybody may come. An id is that of who came first with it; only the same
/// address may take its place.
/// </summary>
internal sealed class LobbyDevices(LiveOptions options, TimeProvider time)
{
    private const int MostOfAddress = 200;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LobbyDevice> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LobbyDevice> _waiting = new(StringComparer.Ordinal);

    /// <summary>Connections, whether their devices have presented themselves or not.</summary>
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

    /// <summary>Lets a connection in; false when there are too many.</summary>
    public bool TryEnter(LobbyDevice device)
    {
        lock (_lock)
        {
            return _open.Count < options.MaxWaiting && _open.Values.Count(one => one.Address == device.Address) < MostOfAddress
                && _open.TryAdd(device.SocketId, device);
        }
    }

    /// <summary>Notes what a device says of itself. The one whose place it takes, if any, has to go.</summary>
    public (LobbyWelcome Welcome, LobbyDevice? Replaced) Present(LobbyDevice device, LobbyHello hello)
    {
        lock (_lock)
        {
            var before = _waiting.GetValueOrDefault(hello.DeviceId);
            if (device.Hello is not null || (before is not null && before.Address != device.Address))
            {
                return (device.Hello is null
                    ? new LobbyWelcome("device_id_taken", "Another device waits under this id.")
                    : new LobbyWelcome("waiting_already", "This connection has presented its device already."), null);
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

    /// <summary>Those that wait, the first first.</summary>
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
        var before = time.GetUtcNow() - LivePresence.AttachLimit;
        List<LobbyDevice> silent;
        lock (_lock)
        {
            silent = [.. _open.Values.Where(device => device.Hello is null && device.Since <= before)];
        }

        silent.ForEach(device => device.Close());
    }
}
