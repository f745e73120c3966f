using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Live;
using Halley.Server.Live.Lobby;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about installed devices that have not signed in.</summary>
internal sealed class InstallationCalls(LobbyDevices waiting, LobbyActions lobby, AccountActions accounts, AccountAccess access)
{
    private const string DeviceId = "DeviceID";
    private static readonly CometApiResponseMessage NotWaiting =
        new(403, "No device with this DeviceID is waiting; list-active returns the waiting ones");

    // Unlike the other calls this one returns a text, as JSON.
    private static readonly CometRaw Done = CometRaw.Json("\"OK\"");

    public static void Map(CometMap<InstallationCalls> map)
    {
        map.Admin("installation/list-active", "", (api, call) => api.List(call));
        map.Admin(
            "installation/dispatch/register-device", "DeviceID, TargetUser, TargetPassword, TargetTOTPCode?",
            (api, call) => api.SignInAsync(call));
        map.Admin("installation/dispatch/drop-connection", "DeviceID", (api, call) => api.DismissAsync(call));
    }

    private CometReply<Dictionary<string, RegistrationLobbyConnection>> List(CometCall call) =>
        waiting.List(call.Scope).ToDictionary(device => device.SocketId, ToWire);

    // The password is checked here, and the device gets a token for one sign-in instead.
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

        var request = new SignInLobbyDevice(username);
        return await lobby.SignInAsync(call.Caller, call.Form.Text(DeviceId), request, call.Aborted) is { } refused ? Of(refused) : Done;
    }

    private async Task<CometApiResponseMessage> DismissAsync(CometCall call) =>
        await lobby.DismissAsync(call.Caller, call.Form.Text(DeviceId)) is { } refusal ? Of(refusal) : CometApiResponseMessage.Ok;

    private static CometApiResponseMessage Of(Refusal refusal) => refusal switch
    {
        { Code: "device_not_waiting" } => NotWaiting,
        { Kind: RefusalKind.Conflict } => DispatcherCalls.OfDevice(refusal.Code, refusal.Reason),
        _ => CometErrors.Of(refusal),
    };

    private static RegistrationLobbyConnection ToWire(LobbyDevice device) => new()
    {
        DeviceID = device.Hello!.DeviceId,
        OrganizationID = device.OrganizationId,
        FriendlyName = device.Hello.Name,
        ReportedVersion = device.Hello.ClientVersion,
        ReportedPlatform = device.Hello.Platform,
        ReportedPlatformVersion = HelloRules.ReadPlatform(device.Hello.PlatformVersion) ?? new OSInfo(),
        DeviceTimeZone = device.Hello.TimeZone,
        IPAddress = device.Address,
        Host = device.Host,
        ConnectionTime = device.Since.ToUnixTimeSeconds(),
    };
}
