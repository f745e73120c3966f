using Halley.Server.AuthRole.SignIn;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live;

/// <summary>One websocket, from its upgrade to its end. What the device is stays with <see cref="LocalDevice"/> when it changes its socket.</summary>
internal sealed class LiveSocket(HubCallerContext context, AccountIdentity account, string deviceId, DateTimeOffset since)
{
    public string Id => context.ConnectionId;

    public AccountIdentity Account => account;

    public string DeviceId => deviceId;

    public DateTimeOffset Since => since;

    /// <summary>The device on it; null until it has attached.</summary>
    public LocalDevice? Device { get; set; }

    public void Close() => context.Abort();
}
