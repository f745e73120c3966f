using Halley.Protocol.Live;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Lobby;

/// <summary>A connection to the lobby. Nothing that the device says about itself is verified.</summary>
internal sealed class LobbyDevice(HubCallerContext context, string organizationId, string address, string host, DateTimeOffset since)
{
    private TaskCompletionSource<LobbyOutcome>? _signIn;

    public string SocketId => context.ConnectionId;

    /// <summary>Null until it has presented itself.</summary>
    public LobbyHello? Hello { get; set; }

    /// <summary>The tenant at whose address it connected; empty for the server's own.</summary>
    public string OrganizationId => organizationId;

    public string Address => address;

    /// <summary>The host name of the server that it used.</summary>
    public string Host => host;

    public DateTimeOffset Since => since;

    /// <summary>Starts a sign-in; null when one is running.</summary>
    public Task<LobbyOutcome>? TryBegin()
    {
        var signIn = new TaskCompletionSource<LobbyOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _signIn, signIn, null) is null ? signIn.Task : null;
    }

    /// <summary>Ends the running sign-in, if there is one.</summary>
    public void End(LobbyOutcome outcome) => Interlocked.Exchange(ref _signIn, null)?.TrySetResult(outcome);

    public void Close() => context.Abort();
}
