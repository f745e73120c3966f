using System.Collections.Concurrent;
using Halley.Protocol.Live;
using Halley.Server.AuthRole.SignIn;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

/// <summary>
/// One websocket, from its upgrade to its end. The state of the device is in <see cref="LocalDevice"/>, which outlives a change of the
/// socket.
/// </summary>
internal sealed class LiveSocket(
    HubCallerContext context, ILiveDevice client, AccountIdentity account, string deviceId, DateTimeOffset since)
{
    public string Id => context.ConnectionId;

    /// <summary>Sends to the device.</summary>
    public ILiveDevice Client => client;

    public AccountIdentity Account => account;

    public string DeviceId => deviceId;

    public DateTimeOffset Since => since;

    /// <summary>The device on it; null until it has attached.</summary>
    public LocalDevice? Device { get; set; }

    public void Close() => context.Abort();
}

/// <summary>The open websockets, attached or not.</summary>
internal sealed class LiveSockets
{
    /// <summary>How long a device may take to present itself after its websocket is open.</summary>
    public static readonly TimeSpan AttachLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, LiveSocket> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public IEnumerable<LiveSocket> All => _open.Values;

    public void Add(LiveSocket socket) => _open[socket.Id] = socket;

    public LiveSocket? Find(string id) => _open.GetValueOrDefault(id);

    public LiveSocket? Remove(string id) => _open.TryRemove(id, out var socket) ? socket : null;
}
