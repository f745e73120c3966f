using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Administrators;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.CometApi.Transport;
using Halley.Server.Credentials;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of a user about his own account.</summary>
internal sealed class UserWebCalls(
    AccountSessions sessions, FullProfiles profiles, ProfileSaving saving, AccountPasswords passwords, AccountAccess access, AccountCodes codes,
    AdministratorSessions administratorSessions)
{
    private const string Hash = "ProfileHash";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometUser<UserWebCalls>("session/start", (api, call) => api.StartSessionAsync(call), beforePasswordChange: true);
        endpoints.MapCometUser<UserWebCalls>("session/revoke", (api, call) => api.RevokeSessionAsync(call), beforePasswordChange: true);
        endpoints.MapCometHybrid<UserWebCalls>("session/start", (api, call) => api.StartSessionAsync(call));
        endpoints.MapCometUser<UserWebCalls>("get-user-profile-and-hash", (api, call) => api.GetProfileAsync(call), beforePasswordChange: true);
        endpoints.MapCometUser<UserWebCalls>("set-profile-hash", (api, call) => api.SetProfileAsync(call));
        endpoints.MapCometUser<UserWebCalls>("account/reset-password", (api, call) => api.ResetPasswordAsync(call), beforePasswordChange: true);
        endpoints.MapCometUser<UserWebCalls>("account/regenerate-totp", (api, call) => api.RegenerateTotpAsync(call));
        endpoints.MapCometUser<UserWebCalls>("account/validate-totp", (api, call) => api.ValidateTotpAsync(call));
    }

    private async Task<object> StartSessionAsync(CometCall call)
    {
        if (!call.IsUser)
        {
            var (adminKey, _) = await administratorSessions.StartAsync(call.Administrator.Id, call.Origin, call.Aborted);
            return new SessionKeyRegeneratedResponse(200, "OK", adminKey, "admin");
        }

        var (key, _) = await sessions.StartAsync(call.Account, SessionStart.By(call.Client, call.Origin.UserAgent), call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "user");
    }

    private async Task<object> RevokeSessionAsync(CometCall call)
    {
        if (call.Account.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(call.Account.Id, session, call.Account.Username, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<object> GetProfileAsync(CometCall call) =>
        await profiles.FindAsync(call.Account.Username, TenantScope.Of(call.Account.OrganizationId), call.Aborted) is { } stored
            ? Masked(stored)
            : CometErrors.Unauthorised;

    private async Task<object> SetProfileAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        if (call.Form.Text(Hash) is not { Length: > 0 } hash)
        {
            return CometErrors.BadField(Hash, "must be the hash of the profile that was read");
        }

        var change = await saving.SaveAsUserAsync(call.Account, hash, profile, call.Aborted);
        return change.Stored is { } stored
            ? Masked(await profiles.WithStatisticsAsync(stored, call.Aborted))
            : CometErrors.Of(AccountChange.Of(change));
    }

    private async Task<object> ResetPasswordAsync(CometCall call)
    {
        var change = await passwords.ResetAsync(
            new PasswordReset(call.Account.Username, TenantScope.Of(call.Account.OrganizationId), call.Form.Text("NewPassword"))
            {
                OldPassword = call.Form.Text("OldPassword"),
                RequiredHash = call.Form.Text(Hash) is { Length: > 0 } hash ? hash : null,
                Actor = call.Account.Username,
                KeptSession = call.Account.SessionId,
                ByUser = true,
            },
            call.Client, call.Aborted);
        return change.Result == AccountChangeResult.Done ? CometApiResponseMessage.Ok : CometErrors.Of(change);
    }

    private async Task<object> RegenerateTotpAsync(CometCall call)
    {
        var (change, secret) = await codes.RenewAsync(call.Account, call.Form.Text(Hash) is { Length: > 0 } hash ? hash : null, call.Aborted);
        return change.Stored is { } stored
            ? ToAnswer(TotpSetUp.Of(call.Account.Username, secret), stored.Hash)
            : CometErrors.Of(AccountChange.Of(change));
    }

    private async Task<object> ValidateTotpAsync(CometCall call) =>
        await access.ProveCodeAsync(call.Account, call.Form.Text("TOTPCode"), call.Client, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField("TOTPCode", "must be a code that the authenticator app shows now");

    private static TotpRegeneratedResponse ToAnswer(TotpSetUp setUp, string hash) => new() { Image = setUp.Image, URL = setUp.Link, ProfileHash = hash };

    private static GetProfileAndHashResponseMessage Masked(StoredProfile stored) =>
        new() { ProfileHash = stored.Hash, Profile = ProfileRules.MaskedForUser(stored.Profile) };
}
