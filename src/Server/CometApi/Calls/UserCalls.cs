using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.CometApi.Transport;
using Halley.Server.CometApi.Wire;
using Halley.Server.Hosting;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of administrators about the accounts of users.</summary>
internal sealed class UserCalls(
    AccountActions accounts, AccountPasswordActions passwords, AccountSessionActions sessions, InstallTokenActions tokens,
    HalleyOptions options)
{
    private const string TargetUser = "TargetUser";
    private const string TargetOrganization = "TargetOrganization";

    public static void Map(CometMap<UserCalls> map)
    {
        map.Admin(
            "add-user", "TargetUser, TargetPassword, StoreRecoveryCode? int, RequirePasswordChange? int, TargetOrganization?",
            (api, call) => api.AddAsync(call));
        map.Admin(
            "add-user-from-profile", "TargetUser, ProfileData json:UserProfileConfig, TargetOrganization?",
            (api, call) => api.AddFromProfileAsync(call));
        map.Admin("delete-user", "TargetUser, UninstallConfig? json:UninstallConfig", (api, call) => api.DeleteAsync(call));
        map.Admin("reset-user-password", "TargetUser, NewPassword, OldPassword?", (api, call) => api.ResetPasswordAsync(call));
        map.Admin("create-install-token", "TargetUser, TargetPassword, Server?", (api, call) => api.CreateInstallTokenAsync(call));
        map.Admin(CometSignIn.SessionAsUser, "TargetUser", (api, call) => api.StartSessionAsync(call));
    }

    private async Task<CometApiResponseMessage> AddAsync(CometCall call)
    {
        if (!call.Form.TryInteger("StoreRecoveryCode", 0, out var keepRecovery)
            || !call.Form.TryInteger("RequirePasswordChange", 0, out var change))
        {
            return CometErrors.BadField("StoreRecoveryCode and RequirePasswordChange", "must be 0 or 1");
        }

        var request = new CreateAccount(
            call.Form.Text(TargetUser), call.Form.Text("TargetPassword"), OrganizationId: call.Form.Text(TargetOrganization),
            KeepRecovery: keepRecovery != 0, MustChangePassword: change != 0);
        return CometErrors.OkOr((await accounts.CreateAsync(call.Caller, request, call.Aborted)).Refusal);
    }

    private async Task<CometApiResponseMessage> AddFromProfileAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        var made = await accounts.CreateFromProfileAsync(
            call.Caller, call.Form.Text(TargetUser), call.Form.Text(TargetOrganization), profile, call.Aborted);
        return CometErrors.OkOr(made.Refusal);
    }

    private async Task<CometApiResponseMessage> DeleteAsync(CometCall call) =>
        call.Form.TryJson<UninstallConfig>("UninstallConfig", out var uninstall)
            ? CometErrors.OkOr(
                await accounts.DeleteAsync(call.Caller, call.Form.Text(TargetUser), call.Aborted, UninstallConfig.ToRemoval(uninstall)))
            : CometErrors.BadField("UninstallConfig", "must be an UninstallConfig as JSON");

    private async Task<CometApiResponseMessage> ResetPasswordAsync(CometCall call)
    {
        var oldPassword = call.Form.Text("OldPassword") is { Length: > 0 } old ? old : null;
        return CometErrors.OkOr(
            await passwords.ResetAsync(call.Target, call.Form.Text("NewPassword"), oldPassword, requiredHash: null, call.Aborted));
    }

    private async Task<CometReply<InstallTokenResponse>> CreateInstallTokenAsync(CometCall call)
    {
        var username = call.Form.Text(TargetUser);
        var outcome = await tokens.CreateAsync(call.Caller, username, call.Form.Text("TargetPassword"), call.Aborted);
        return !outcome.TryGet(out var made, out var refusal) ? refusal : new InstallTokenResponse
        {
            InstallToken = new InstallToken
            {
                Username = username,
                Server = call.Form.Text("Server") is { Length: > 0 } server ? server : options.PublicUrl ?? call.Address,
                Token = made.Text,
                CreateTime = Seconds(made.Stored.CreatedAt),
                ExpireTime = Seconds(made.Stored.ExpiresAt),
            },
        };
    }

    private async Task<CometReply<SessionKeyRegeneratedResponse>> StartSessionAsync(CometCall call)
    {
        var outcome = await sessions.StartAsUserAsync(call.Caller, call.Form.Text(TargetUser), call.Origin.UserAgent, call.Aborted);
        return outcome.TryGet(out var key, out var refusal) ? new SessionKeyRegeneratedResponse(200, "OK", key, "user") : refusal;
    }

    private static long Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
