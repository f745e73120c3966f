using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.Tokens;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.CometApi.Transport;
using Halley.Server.Organizations;

namespace Halley.Server.CometApi.Calls;

/// <summary>The vendor's calls of administrators about the accounts of users.</summary>
internal sealed class UserCalls(
    AccountRegistration registration, AccountPasswords passwords, AccountAccess access, ProfileStore profiles, AccountSessions sessions,
    InstallTokens tokens, AutomaticVault vault)
{
    public const string TargetUser = "TargetUser";

    /// <summary>Its name is among the calls about the caller himself, and it is not one of them.</summary>

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapCometAdmin<UserCalls>("add-user", (api, call) => api.AddAsync(call));
        endpoints.MapCometAdmin<UserCalls>("add-user-from-profile", (api, call) => api.AddFromProfileAsync(call));
        endpoints.MapCometAdmin<UserCalls>("delete-user", (api, call) => api.DeleteAsync(call));
        endpoints.MapCometAdmin<UserCalls>("reset-user-password", (api, call) => api.ResetPasswordAsync(call));
        endpoints.MapCometAdmin<UserCalls>("create-install-token", (api, call) => api.CreateInstallTokenAsync(call));
        endpoints.MapCometAdmin<UserCalls>(CometSignIn.SessionAsUser, (api, call) => api.StartSessionAsync(call));
    }

    private async Task<object> AddAsync(CometCall call)
    {
        if (!call.Form.TryInteger("StoreRecoveryCode", 0, out var keepRecovery) || !call.Form.TryInteger("RequirePasswordChange", 0, out var change))
        {
            return CometErrors.BadField("StoreRecoveryCode and RequirePasswordChange", "must be 0 or 1");
        }

        return await CreateAsync(call, organization => new NewAccount(call.Form.Text(TargetUser), organization)
        {
            Password = call.Form.Text("TargetPassword"),
            KeepRecovery = keepRecovery != 0,
            RequirePasswordChange = change != 0,
        });
    }

    private async Task<object> AddFromProfileAsync(CometCall call)
    {
        if (!call.Form.TryJson<UserProfileConfig>("ProfileData", out var profile) || profile is null)
        {
            return CometErrors.BadField("ProfileData", "must be a UserProfileConfig as JSON");
        }

        if (profile.PolicyID.Length > 0 && call.AllowedPolicies?.Contains(profile.PolicyID) == false)
        {
            return CometErrors.BadRequest("You may give users some policies only, and this is none of them.");
        }

        return await CreateAsync(call, organization => new NewAccount(call.Form.Text(TargetUser), organization) { Profile = profile }, isComplete: true);
    }

    // A profile that is given whole is stored as it is; it has the vaults it has.
    private async Task<object> CreateAsync(CometCall call, Func<string, NewAccount> request, bool isComplete = false)
    {
        var target = call.Form.Text("TargetOrganization");
        if (target.Length > 0 && !call.Administrator.IsTopLevel)
        {
            return new CometApiResponseMessage(403, "TargetOrganization is for administrators of the server itself");
        }

        var organization = call.Administrator.IsTopLevel ? target : call.Administrator.OrganizationId;
        var change = await registration.CreateAsync(request(organization), call.Administrator.Username, call.Client, call.Aborted);
        if (change is not { Result: AccountChangeResult.Done, Stored: { } stored } || isComplete)
        {
            return change.Result == AccountChangeResult.Done ? CometApiResponseMessage.Ok : CometErrors.Of(change);
        }

        await vault.MakeAsync(stored, call.Administrator.Username, call.Address, call.Aborted);
        return CometApiResponseMessage.Ok;
    }

    private async Task<object> DeleteAsync(CometCall call)
    {
        if (!call.Form.TryJson<UninstallConfig>("UninstallConfig", out _))
        {
            return CometErrors.BadField("UninstallConfig", "must be an UninstallConfig as JSON");
        }

        return await registration.DeleteAsync(call.Form.Text(TargetUser), call.Scope, call.Administrator.Username, call.Aborted)
            ? CometApiResponseMessage.Ok
            : CometErrors.UnknownUser;
    }

    private async Task<object> ResetPasswordAsync(CometCall call)
    {
        var change = await passwords.ResetAsync(
            new PasswordReset(call.Form.Text(TargetUser), call.Scope, call.Form.Text("NewPassword"))
            {
                OldPassword = call.Form.Text("OldPassword") is { Length: > 0 } old ? old : null,
                Actor = call.Administrator.Username,
            },
            call.Client, call.Aborted);
        return change.Result == AccountChangeResult.Done ? CometApiResponseMessage.Ok : CometErrors.Of(change);
    }

    // Made for whoever knows the password, as the vendor has it, so that an administrator cannot sign devices in behind a user's back.
    private async Task<object> CreateInstallTokenAsync(CometCall call)
    {
        var username = call.Form.Text(TargetUser);
        if (await profiles.FindAsync(username, call.Scope, call.Aborted) is null)
        {
            return CometErrors.UnknownUser;
        }

        var proof = await access.ProveAsync(AccountCredential.OfPassword(username, call.Form.Text("TargetPassword")), call.Client, call.Aborted);
        if (proof != AccountSignInResult.SignedIn)
        {
            return CometUserSignIn.RefusalOf(proof)!;
        }

        if (await tokens.CreateAsync(username, call.Scope, call.Administrator.Username, call.Aborted) is not (var text, var token))
        {
            return CometErrors.UnknownUser;
        }

        return new InstallTokenResponse
        {
            InstallToken = new InstallToken
            {
                Username = username,
                Server = call.Form.Text("Server") is { Length: > 0 } server ? server : call.Address,
                Token = text,
                CreateTime = Seconds(token.CreatedAt),
                ExpireTime = Seconds(token.ExpiresAt),
            },
        };
    }

    private async Task<object> StartSessionAsync(CometCall call)
    {
        if (await profiles.FindAsync(call.Form.Text(TargetUser), call.Scope, call.Aborted) is not { Account: var account })
        {
            return CometErrors.UnknownUser;
        }

        if (account.IsSuspended)
        {
            return CometErrors.BadRequest("The account is suspended");
        }

        var user = new AccountIdentity(account.Id, account.Username, account.OrganizationId);
        var (key, _) = await sessions.StartForAsync(
            user, call.Administrator.Username, SessionStart.By(call.Client, call.Origin.UserAgent), call.Aborted);
        return new SessionKeyRegeneratedResponse(200, "OK", key, "user");
    }

    private static long Seconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
