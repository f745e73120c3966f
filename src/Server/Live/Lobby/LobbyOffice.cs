using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.Live.Commands;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Lobby;

/// <summary>
/// Signs devices in that wait in the lobby. They get an install token, good for one sign-in, and never a password: whoever waits there may be
/// somebody else than he says, and a token can be taken back.
/// </summary>
internal sealed class LobbyOffice(LobbyDevices lobby, InstallTokenActions tokens, IHubContext<LobbyHub, ILobbyDevice> hub, TimeProvider time)
{
    private const int AwaySeconds = 3600;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static readonly CommandOutcome NotWaiting = new("device_not_waiting", "No device with this id waits in the lobby.");

    public static readonly CommandOutcome UnknownAccount = new("account_not_found", "There is no account of this name.");

    public static readonly CommandOutcome Busy = new("sign_in_running", "Somebody is signing this device in at this moment.");

    public static readonly CommandOutcome Silent = new("device_did_not_answer", "The device did not sign in within 30 seconds; what it was given is void.");

    /// <summary>Lets a device sign in to an account, and waits until it has.</summary>
    public async Task<CommandOutcome> SignInAsync(string deviceId, string username, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        if (lobby.Find(deviceId, scope) is not { } device)
        {
            return NotWaiting;
        }

        if (!(await tokens.CreateAsync(username, scope, actor, cancellationToken)).TryGet(out var token, out _))
        {
            return UnknownAccount;
        }

        var outcome = await SignInAsync(device, new LobbySignIn(username, token.Text), cancellationToken);
        if (!outcome.IsDone)
        {
            await tokens.DeleteAsync(token.Stored.AccountId, token.Stored.Id, CancellationToken.None);
        }

        return outcome;
    }

    /// <summary>Sends a device away; false when it does not wait.</summary>
    public async Task<bool> DismissAsync(string deviceId, TenantScope scope, string actor)
    {
        if (lobby.Find(deviceId, scope) is not { } device)
        {
            return false;
        }

        var order = new LeaveOrder(LeaveReasons.SentAway, AwaySeconds, $"{actor} has sent this device away.");
        await hub.Clients.Client(device.SocketId).Leave(order).WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        device.Close();
        return true;
    }

    private async Task<CommandOutcome> SignInAsync(LobbyDevice device, LobbySignIn order, CancellationToken cancellationToken)
    {
        if (device.TryBegin() is not { } signIn)
        {
            return Busy;
        }

        try
        {
            await hub.Clients.Client(device.SocketId).SignIn(order).WaitAsync(Patience, time, cancellationToken);
            var outcome = await signIn.WaitAsync(Patience, time, cancellationToken);
            return outcome.IsDone ? CommandOutcome.Done("") : new CommandOutcome("sign_in_failed", outcome.Message is { Length: > 0 } why ? why : "The device could not sign in.");
        }
        catch (TimeoutException)
        {
            return Silent;
        }
        finally
        {
            device.End(new LobbyOutcome(IsDone: false));
        }
    }
}
