using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Live;
using Halley.Server.Live.Lobby;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about devices that are installed and have not signed in.</summary>
internal sealed class InstallationCalls(LobbyDevices lobby, LobbyOffice office, AccountActions accounts, AccountAccess access)
{
    private const string DeviceId = "DeviceID";
    private static readonly CometApiResponseMessage NotWaiting =
        new(403, "No device with this DeviceID is waiting; list-active shows those that are");

    // Alone among these calls it promises bytes, not JSON; whoever reads them as JSON finds the usual answer.
    private static readonly CometRaw Done = CometRaw.Of(JsonSerializer.Serialize(CometApiResponseMessage.Ok, CometJson.Options));

    public static void Map(CometMap<InstallationCalls> map)
    {
        map.Admin("installation/list-active", "", (api, call) => api.List(call));
        map.Admin(
            "installation/dispatch/register-device", "DeviceID, TargetUser, TargetPassword, TargetTOTPCode?",
            (api, call) => api.SignInAsync(call));
        map.Admin("installation/dispatch/drop-connection", "DeviceID", (api, call) => api.DismissAsync(call));
    }

    private CometReply<Dictionary<string, RegistrationLobbyConnection>> List(CometCall call) =>
        lobby.List(call.Scope).ToDictionary(device => device.SocketId, ToWire);

    // The password is checked here: the device gets a token for one sign-in instead.
    private async Task<CometReply<CometRaw>> SignInAsync(CometCall call)
    {
        var username = call.Form.Text("TargetUser");
        if ((await accounts.FindAsync(call.Target, call.Aborted)).Refusal is { } unknown)
        {
            return CometErrors.Of(unknown);
        }

        var credential = AccountCredential.OfPassword(username, call.Form.Text("TargetPassword"), call.Form.Text("TargetTOTPCode"));
        if (CometUserSignIn.RefusalOf((await access.SignInAsync(credential, call.Client, call.Aborted)).Result) is { } refusal)
        {
            return refusal;
        }

        var outcome = await office.SignInAsync(call.Form.Text(DeviceId), username, call.Scope, call.CallerName, call.Aborted);
        return outcome.IsDone ? Done
            : outcome == LobbyOffice.NotWaiting ? NotWaiting
            : outcome == LobbyOffice.UnknownAccount ? CometErrors.UnknownUser
            : new CometApiResponseMessage(outcome == LobbyOffice.Silent ? 504 : 500, outcome.Message);
    }

    private async Task<CometApiResponseMessage> DismissAsync(CometCall call) =>
        await office.DismissAsync(call.Form.Text(DeviceId), call.Scope, call.CallerName) ? CometApiResponseMessage.Ok : NotWaiting;

    private static RegistrationLobbyConnection ToWire(LobbyDevice device) => new()
    {
        DeviceID = device.Hello!.DeviceId,
        OrganizationID = device.OrganizationId,
        FriendlyName = device.Hello.Name,
        ReportedVersion = device.Hello.ClientVersion,
        ReportedPlatform = device.Hello.Platform,
        ReportedPlatformVersion = device.Hello.PlatformVersion.Length > 0 ? PlatformVersions.Read(device.Hello.PlatformVersion) : null,
        DeviceTimeZone = device.Hello.TimeZone,
        IPAddress = device.Address,
        Host = device.Host,
        ConnectionTime = device.Since.ToUnixTimeSeconds(),
    };
}
