using Halley.Protocol.Live;
using Halley.Server.Access;
using Halley.Server.AuthRole.Tokens;
using Microsoft.AspNetCore.SignalR;

namespace Halley.Server.Live.Lobby;

/// <summary>
/// What operators do with devices in the lobby: list them, sign them in, dismiss them. A device gets an install token, good for one
/// sign-in, and never a password: what it says about itself is not verified, and a token can be revoked.
/// </summary>
internal sealed class LobbyActions(
    LobbyDevices lobby, InstallTokenActions tokens, IHubContext<LobbyHub, ILobbyDevice> hub, TimeProvider time)
{
    private const int AwaySeconds = 3600;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Refusal NotWaiting = Refusal.NotFound("device_not_waiting", "No device with this id waits in the lobby.");

    private static readonly Refusal Busy = Refusal.Conflict("sign_in_running", "Another administrator is signing this device in.");

    private static readonly Refusal Silent = Refusal.Conflict(
        "device_did_not_answer", "The device did not sign in within 30 seconds. Its token is revoked.");

    /// <summary>Lists the waiting devices, the first to come first.</summary>
    public IReadOnlyList<LobbyDeviceInfo> List(Caller caller) => [.. lobby.List(caller.Scope).Select(device => new LobbyDeviceInfo(
        device.Hello!.DeviceId, device.Hello.Name, device.OrganizationId, device.Hello.ClientVersion, device.Hello.Platform,
        device.Hello.TimeZone, device.Address, device.Since.UtcDateTime))];

    /// <summary>Signs a device in to an account, and returns when it has signed in.</summary>
    public async Task<Refusal?> SignInAsync(Caller caller, string deviceId, SignInLobbyDevice request, CancellationToken cancellationToken)
    {
        if (request.Username is not { Length: > 0 } username || username.Contains('\0', StringComparison.Ordinal))
        {
            return Refusal.Invalid("username_invalid", "username must be the name of an account.");
        }

        if (lobby.Find(deviceId, caller.Scope) is not { } device)
        {
            return NotWaiting;
        }

        if (!(await tokens.CreateAsync(username, caller.Scope, caller.Name, cancellationToken)).TryGet(out var token, out var refusal))
        {
            return refusal;
        }

        refusal = await SignInAsync(device, new LobbySignIn(username, token.Text), cancellationToken);
        if (refusal is not null)
        {
            await tokens.DeleteAsync(token.Stored.AccountId, token.Stored.Id, CancellationToken.None);
        }

        return refusal;
    }

    /// <summary>Sends a device away for an hour.</summary>
    public async Task<Refusal?> DismissAsync(Caller caller, string deviceId)
    {
        if (lobby.Find(deviceId, caller.Scope) is not { } device)
        {
            return NotWaiting;
        }

        var order = new LeaveOrder(LeaveReasons.SentAway, AwaySeconds, $"{caller.Name} has sent this device away.");
        await hub.Clients.Client(device.SocketId).Leave(order).WaitAsync(Patience, time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        device.Close();
        return null;
    }

    private async Task<Refusal?> SignInAsync(LobbyDevice device, LobbySignIn order, CancellationToken cancellationToken)
    {
        if (device.TryBegin() is not { } signIn)
        {
            return Busy;
        }

        try
        {
            await hub.Clients.Client(device.SocketId).SignIn(order).WaitAsync(Patience, time, cancellationToken);
            var outcome = await signIn.WaitAsync(Patience, time, cancellationToken);
            return outcome.IsDone ? null : Refusal.Conflict(
                "sign_in_failed", outcome.Message is { Length: > 0 } reason ? reason : "The device could not sign in and gave no reason.");
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
