using Halley.Protocol.Profiles;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of a user about its own account.</summary>
internal sealed class UserWebCalls(
    AccountSessions sessions, ProfileActions profiles, AccountPasswordActions passwords, AccountCodeActions codes,
    AdministratorSessions administratorSessions)
{
    private const string Hash = "ProfileHash";

    public static void Map(CometMap<UserWebCalls> map)
    {
        map.User("session/start", "", (api, call) => api.StartSessionAsync(call), beforePasswordChange: true);
        map.User("session/revoke", "", (api, call) => api.RevokeSessionAsync(call), beforePasswordChange: true);
        map.Hybrid("session/start", "", (api, call) => api.StartSessionAsync(call));
        map.User("get-user-profile-and-hash", "", (api, call) => api.GetProfileAsync(call), beforePasswordChange: true);
        map.User("set-profile-hash", "ProfileData json:UserProfileConfig, ProfileHash", (api, call) => api.SetProfileAsync(call));
        map.User(
            "account/reset-password", "ProfileHash, OldPassword, NewPassword",
            (api, call) => api.ResetPasswordAsync(call), beforePasswordChange: true);
        map.User("account/regenerate-totp", "ProfileHash", (api, call) => api.RegenerateTotpAsync(call));
        map.User("account/validate-totp", "ProfileHash, TOTPCode", (api, call) => api.ValidateTotpAsync(call));
    }

    private async Task<CometReply<SessionKeyRegeneratedResponse>> StartSessionAsync(CometCall call)
    {
        if (!call.IsUser)
        {
            var (adminKey, _) = await administratorSessions.StartAsync(call.Administrator.Id, call.Origin, call.Aborted);
            return new SessionKeyRegeneratedResponse(200, "OK", adminKey, "admin");
        }

        var (key, _) = await sessions.StartAsync(call.Account, call.Origin, deviceId: null, call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "user");
    }

    private async Task<CometApiResponseMessage> RevokeSessionAsync(CometCall call)
    {
        if (call.Account.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(call.Account.Id, session, call.Account.Username, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<CometReply<GetProfileAndHashResponseMessage>> GetProfileAsync(CometCall call) =>
        (await profiles.FindAsync(call.Target, call.Aborted)).TryGet(out var stored, out _)
            ? UserProfileCalls.AndHash(stored)
            : CometErrors.Unauthorised;

    private async Task<CometReply<GetProfileAndHashResponseMessage>> SetProfileAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        if (call.Form.Text(Hash) is not { Length: > 0 } hash)
        {
            return CometErrors.BadField(Hash, "must be the hash of the profile that was read");
        }

        var saved = await profiles.SaveAsync(call.Target, hash, profile, call.Aborted);
        return saved.TryGet(out var stored, out var refusal) ? UserProfileCalls.AndHash(stored) : refusal;
    }

    private async Task<CometApiResponseMessage> ResetPasswordAsync(CometCall call) => CometErrors.OkOr(await passwords.ResetAsync(
        call.Target, call.Form.Text("NewPassword"), call.Form.Text("OldPassword"), RequiredHash(call), call.Aborted));

    private async Task<CometReply<TotpRegeneratedResponse>> RegenerateTotpAsync(CometCall call)
    {
        var renewed = await codes.RenewAsync(call.Account, RequiredHash(call), replaceInUse: true, call.Aborted);
        return renewed.TryGet(out var app, out var refusal)
            ? new TotpRegeneratedResponse { Image = app.SetUp.Image, URL = app.SetUp.Link, ProfileHash = app.ProfileHash }
            : refusal;
    }

    private async Task<CometApiResponseMessage> ValidateTotpAsync(CometCall call) =>
        await codes.ProveAsync(call.Account, call.Form.Text("TOTPCode"), call.Aborted) is null
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField("TOTPCode", "must be a code that the authenticator app shows now");

    private static string? RequiredHash(CometCall call) => call.Form.Text(Hash) is { Length: > 0 } hash ? hash : null;
}
