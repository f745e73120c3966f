using Halley.Protocol.Live;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Lobby;

/// <summary>A connection to the lobby. Nothing that the device says of itself is proven.</summary>
internal sealed class LobbyDevice(HubCallerContext context, string organizationId, string address, string host, DateTimeOffset since)
{
    private TaskCompletionSource<LobbyOutcome>? _signIn;

    public string SocketId => context.ConnectionId;

    /// <summary>Null until it has said what it is.</summary>
    public LobbyHello? Hello { get; set; }

    /// <summary>The tenant through whose address it came; empty for the server's own.</summary>
    public string OrganizationId => organizationId;

    public string Address => address;

    /// <summary>The name of the server by which it came.</summary>
    public string Host => host;

    public DateTimeOffset Since => since;

    /// <summary>Begins a sign-in; null when there is one already.</summary>
    public Task<LobbyOutcome>? TryBegin()
    {
        var signIn = new TaskCompletionSource<LobbyOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _signIn, signIn, null) is null ? signIn.Task : null;
    }

    /// <summary>Ends a sign-in, if there is one.</summary>
    public void End(LobbyOutcome outcome) => Interlocked.Exchange(ref _signIn, null)?.TrySetResult(outcome);

    public void Close() => context.Abort();
}
