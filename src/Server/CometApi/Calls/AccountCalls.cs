using Halley.Protocol.Administrators;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about the calling administrator, and about the first one.</summary>
internal sealed class AccountCalls(
    AdministratorSessions sessions, FirstAdministrator firstAdministrator, OwnAccountActions account, AdministratorCodes codes)
{
    public static void Map(CometMap<AccountCalls> map)
    {
        map.Admin("account/properties", "", (api, call) => api.PropertiesAsync(call));
        map.Admin("account/regenerate-totp", "", (api, call) => api.RegenerateTotpAsync(call));
        map.Admin("account/session-revoke", "", (api, call) => api.RevokeSessionAsync(call));
        map.Admin(CometSignIn.SessionStart, "SelfAddress?", (api, call) => api.StartSessionAsync(call));
        map.Admin("account/session-upgrade", "SessionKey", (api, call) => api.UpgradeSessionAsync(call));
        map.Admin("account/set-properties", "Security json:AdminSecurityOptions", (api, call) => api.SetPropertiesAsync(call));
        map.Admin("account/validate-totp", "TOTPCode", (api, call) => api.ValidateTotpAsync(call));
        map.Open("admin/add-first-admin-user", "TargetUser, TargetPassword", (api, call) => api.AddFirstAdministratorAsync(call));
    }

    private async Task<CometReply<AdminAccountPropertiesResponse>> PropertiesAsync(CometCall call)
    {
        if (await account.ReadAsync(call.Caller, call.Aborted) is not var (administrator, passkeys))
        {
            return CometErrors.Unauthorised;
        }

        return new AdminAccountPropertiesResponse
        {
            OrganizationID = administrator.OrganizationId,
            Permissions = call.Administrator.Permissions.Flags,
            Security = ToWire(administrator, passkeys),
        };
    }

    private async Task<CometApiResponseMessage> SetPropertiesAsync(CometCall call)
    {
        if (!call.Form.TryJson<AdminSecurityOptions>("Security", out var request) || request is null)
        {
            return CometErrors.BadField("Security", "must be AdminSecurityOptions as JSON");
        }

        return CometErrors.OkOr(await account.ChangeSecurityAsync(call.Caller, request, call.PresentPassword, call.Aborted));
    }

    private async Task<CometReply<TotpRegeneratedResponse>> RegenerateTotpAsync(CometCall call) =>
        (await codes.RenewTotpAsync(call.Administrator.Id, call.Aborted)).TryGet(out var setUp, out var refusal)
            ? new TotpRegeneratedResponse { Image = setUp.Image, URL = setUp.Link }
            : CometErrors.Of(refusal);

    private async Task<CometApiResponseMessage> ValidateTotpAsync(CometCall call) =>
        await codes.ProveTotpAsync(call.Administrator.Id, call.Form.Text("TOTPCode"), call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField("TOTPCode", "is not the code that the authenticator app shows now, or was used already");

    private async Task<CometReply<SessionKeyRegeneratedResponse>> StartSessionAsync(CometCall call)
    {
        var (key, _) = await sessions.StartAsync(call.Administrator.Id, call.Origin, call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "admin");
    }

    // Credentials of the kinds TOTP and SessionKey are this session's own, so that it is complete now. A password with its code, as
    // PasswordTOTP, completes it here.
    private async Task<CometApiResponseMessage> UpgradeSessionAsync(CometCall call)
    {
        var key = call.Form.Text(CometCredentials.SessionKey);
        return call.Administrator.SessionId is not null
            || (await sessions.FindPendingAsync(key, call.Aborted) == call.Administrator.Id
                && await sessions.CompleteAsync(key, call.Aborted))
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField(CometCredentials.SessionKey, "must be a session of this administrator that waits for its code");
    }

    private async Task<CometApiResponseMessage> RevokeSessionAsync(CometCall call)
    {
        if (call.Administrator.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(call.Administrator.Id, session, call.Administrator.Name, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> AddFirstAdministratorAsync(CometCall call)
    {
        var setUp = await firstAdministrator.CreateAsync(
            call.Header(CometCredentials.SetupToken), call.Form.Text("TargetUser"), call.Form.Text("TargetPassword"), call.Aborted);
        return CometErrors.OkOr(setUp.Refusal);
    }

    private static AdminSecurityOptions ToWire(Administrator administrator, IReadOnlyList<UserPasskeyInfo> passkeys) => new()
    {
        PasswordFormat = administrator.PasswordFormat,
        Password = OwnAccountActions.Masked,
        AllowPasswordLogin = administrator.AllowPasswordLogin,
        AllowPasswordAndTOTPLogin = administrator.AllowPasswordAndTotpLogin,
        AllowPasswordAndWebAuthnLogin = administrator.AllowPasswordAndPasskeyLogin,
        RequirePasswordChange = administrator.RequirePasswordChange,
        TOTPKeyEncryptionFormat = administrator.TotpSecret is null ? 0 : 1,
        TOTPKey = administrator.TotpSecret is null ? "" : OwnAccountActions.Masked,
        IPWhitelist = administrator.IPWhitelist,
        WebAuthnRegistrations = [.. passkeys.Select(PasskeyWire.Of)],
    };
}
