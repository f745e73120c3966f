using Halley.Protocol.Comet;
using Halley.Server.Administrators;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls about the administrator who makes them, and about the first one.</summary>
internal sealed class AccountCalls(
    AdministratorSessions sessions, FirstAdministrator firstAdministrator, OwnSecurity security, AuthenticatorCodes codes)
{
    public static void Map(CometMap<AccountCalls> map)
    {
        map.Admin("account/properties", "", (api, call) => api.PropertiesAsync(call));
        map.Admin("account/regenerate-totp", "", (api, call) => api.RegenerateTotpAsync(call));
        map.Admin("account/session-revoke", "", (api, call) => api.RevokeSessionAsync(call));
        map.Admin(CometSignIn.SessionStart, "SelfAddress?", (api, call) => api.StartSessionAsync(call));
        map.Admin("account/session-upgrade", "SessionKey", (_, call) => UpgradeSession(call));
        map.Admin("account/set-properties", "Security json:AdminSecurityOptions", (api, call) => api.SetPropertiesAsync(call));
        map.Admin("account/validate-totp", "TOTPCode", (api, call) => api.ValidateTotpAsync(call));
        map.Open("admin/add-first-admin-user", "TargetUser, TargetPassword", (api, call) => api.AddFirstAdministratorAsync(call));
    }

    private async Task<CometReply<AdminAccountPropertiesResponse>> PropertiesAsync(CometCall call)
    {
        if (await security.ReadAsync(call.Administrator.Id, call.Aborted) is not var (administrator, passkeys))
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

        var change = await security.ChangeAsync(call.Administrator, request, call.PresentPassword, call.Client, call.Aborted);
        return change.Refusal is { } refusal ? CometErrors.Of(refusal, change.Reason) : CometApiResponseMessage.Ok;
    }

    private async Task<CometReply<TotpRegeneratedResponse>> RegenerateTotpAsync(CometCall call) =>
        await codes.RenewTotpAsync(call.Administrator.Id, call.Aborted) is { } setUp
            ? new TotpRegeneratedResponse { Image = setUp.Image, URL = setUp.Link }
            : CometErrors.Unauthorised;

    private async Task<CometApiResponseMessage> ValidateTotpAsync(CometCall call) =>
        await codes.ProveTotpAsync(call.Administrator.Id, call.Form.Text("TOTPCode"), call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField("TOTPCode", "is not the code that the authenticator app shows now, or was used already");

    private async Task<CometReply<SessionKeyRegeneratedResponse>> StartSessionAsync(CometCall call)
    {
        var (key, _) = await sessions.StartAsync(call.Administrator.Id, call.Origin, call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "admin");
    }

    // The credentials of the call have done it: the kind TOTP completes the session in SessionKey.
    private static CometApiResponseMessage UpgradeSession(CometCall call) =>
        call.Administrator.SessionId is not null
            ? CometApiResponseMessage.Ok
            : CometErrors.BadField(CometCredentials.AuthType, "must be TOTP: its code completes the session in SessionKey");

    private async Task<CometApiResponseMessage> RevokeSessionAsync(CometCall call)
    {
        if (call.Administrator.SessionId is not { } session)
        {
            return CometErrors.BadField(CometCredentials.AuthType, "must be SessionKey: the session of the call is the one that ends");
        }

        await sessions.EndAsync(call.Administrator.Id, session, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<CometApiResponseMessage> AddFirstAdministratorAsync(CometCall call)
    {
        var setUp = await firstAdministrator.CreateAsync(
            call.Header(CometCredentials.SetupToken), call.Form.Text("TargetUser"), call.Form.Text("TargetPassword"), call.Aborted);
        var reasons = string.Join(" ", setUp.Reasons);
        return setUp.Result switch
        {
            SetUpResult.Created => CometApiResponseMessage.Ok,
            SetUpResult.WrongToken or SetUpResult.AlreadySetUp => new CometApiResponseMessage(403, reasons),
            _ => CometErrors.BadRequest(reasons),
        };
    }

    private static AdminSecurityOptions ToWire(Administrator administrator, IList<UserPasskeyInfo> passkeys) => new()
    {
        PasswordFormat = administrator.PasswordFormat,
        Password = OwnSecurity.Masked,
        AllowPasswordLogin = administrator.AllowPasswordLogin,
        AllowPasswordAndTOTPLogin = administrator.AllowPasswordAndTotpLogin,
        AllowPasswordAndWebAuthnLogin = administrator.AllowPasswordAndPasskeyLogin,
        RequirePasswordChange = administrator.RequirePasswordChange,
        TOTPKeyEncryptionFormat = administrator.TotpSecret is null ? 0 : 1,
        TOTPKey = administrator.TotpSecret is null ? "" : OwnSecurity.Masked,
        IPWhitelist = administrator.IPWhitelist,
        WebAuthnRegistrations = [.. passkeys.Select(PasskeyWire.Of)],
    };
}
