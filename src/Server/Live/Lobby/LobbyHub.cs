using Halley.Protocol.Live;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Lobby;

/// <summary>The endpoint at which devices without an account wait.</summary>
internal sealed class LobbyHub(LobbyDevices lobby, OrganizationCache organizations, TimeProvider time) : Hub<ILobbyDevice>, ILobbyHub
{
    private const int ComeBackSeconds = 300;

    public override async Task OnConnectedAsync()
    {
        var http = Context.GetHttpContext()!;
        var tenant = organizations.OfHost(http.Request.Host)?.Id ?? "";
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        var device = new LobbyDevice(Context, tenant, address, http.Request.Host.Value ?? "", time.GetUtcNow());
        if (!lobby.TryEnter(device))
        {
            await Clients.Caller.Leave(new LeaveOrder(LeaveReasons.SentAway, ComeBackSeconds, "Too many devices are waiting."));
            Context.Abort();
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        lobby.Leave(Context.ConnectionId)?.End(new LobbyOutcome(IsDone: false, "The device was disconnected before it signed in."));
        return Task.CompletedTask;
    }

    public Task<LobbyWelcome> Wait(LobbyHello hello)
    {
        if (ProblemWith(hello) is { } problem)
        {
            return Task.FromResult(new LobbyWelcome("hello_invalid", problem));
        }

        if (lobby.OnSocket(Context.ConnectionId) is not { } device)
        {
            return Task.FromResult(new LobbyWelcome("closing", "The server is closing this connection."));
        }

        var (welcome, replaced) = lobby.Present(device, hello);
        replaced?.Close();
        return Task.FromResult(welcome);
    }

    public Task SignedIn(LobbyOutcome outcome)
    {
        lobby.OnSocket(Context.ConnectionId)?.End(
            outcome is null ? new LobbyOutcome(IsDone: false) : outcome with { Message = Shortened(outcome.Message) });
        return Task.CompletedTask;
    }

    // An administrator sees the message, and any device may send one.
    private static string Shortened(string? message) =>
        new([.. (message ?? "").Where(letter => !char.IsControl(letter)).Take(HelloRules.LongestName)]);

    private static string? ProblemWith(LobbyHello hello) =>
        hello is not { DeviceId: not null, Name: not null, ClientVersion: not null }
            or not { Platform: not null, PlatformVersion: not null, TimeZone: not null }
            ? "No field may be null."
        : hello.DeviceId.Length == 0 ? "DeviceId must not be empty."
        : HelloRules.ProblemWith(nameof(hello.DeviceId), hello.DeviceId, HelloRules.LongestName)
        ?? HelloRules.ProblemWith(nameof(hello.Name), hello.Name, HelloRules.LongestName)
        ?? HelloRules.ProblemWith(nameof(hello.ClientVersion), hello.ClientVersion)
        ?? HelloRules.ProblemWith(nameof(hello.Platform), hello.Platform)
        ?? HelloRules.ProblemWith(nameof(hello.TimeZone), hello.TimeZone)
        ?? HelloRules.ProblemWithPlatformVersion(hello.PlatformVersion);
}
