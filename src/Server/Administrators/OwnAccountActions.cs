using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Server.Access;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.Administrators;

/// <summary>
/// Operations of administrators on their own sign-in. Changing the password or weakening the second factors requires the present password;
/// an open session is not enough.
/// </summary>
internal sealed class OwnAccountActions(
    AdministratorAccess access, AdministratorPasswords passwords, AdministratorStore store, AdministratorSessions sessions,
    AdministratorCodes codes, Passkeys passkeys)
{
    /// <summary>Replaces a secret when the vendor's document is read. In a change it means that the secret stays as it is.</summary>
    public const string Masked = "(unchanged)";

    /// <summary>The vendor's format of a password in clear text, which is hashed at once.</summary>
    private const int ClearText = 0;

    /// <summary>Changes the password and ends all other sessions, including those of the pages.</summary>
    public async Task<Refusal?> ChangePasswordAsync(
        Caller caller, string presentPassword, string newPassword, CancellationToken cancellationToken) =>
        await WhyNotAsync(caller, presentPassword, newPassword, cancellationToken)
        ?? await passwords.ChangeAsync(caller, newPassword, further: null, cancellationToken);

    /// <summary>Stores the secret of a new authenticator app. Whether sign-ins require its codes does not change.</summary>
    public async Task<Outcome<TotpSetUp>> RenewTotpAsync(Caller caller, string presentPassword, CancellationToken cancellationToken) =>
        await ProvePasswordAsync(caller, presentPassword, cancellationToken) is { } wrong
            ? wrong
            : await codes.RenewTotpAsync(caller.Id, cancellationToken);

    /// <summary>Requires codes of the app from now on, and returns recovery codes.</summary>
    public Task<Outcome<RecoveryCodesCreated>> TurnOnTotpAsync(Caller caller, string code, CancellationToken cancellationToken) =>
        codes.TurnOnTotpAsync(caller.Id, code, cancellationToken);

    /// <summary>Stops requiring codes and deletes the secret of the app.</summary>
    public async Task<Refusal?> TurnOffTotpAsync(Caller caller, string presentPassword, CancellationToken cancellationToken) =>
        await ProvePasswordAsync(caller, presentPassword, cancellationToken) ?? await codes.TurnOffTotpAsync(caller.Id, cancellationToken);

    /// <summary>Replaces all recovery codes.</summary>
    public async Task<Outcome<RecoveryCodesCreated>> RenewRecoveryCodesAsync(
        Caller caller, string presentPassword, CancellationToken cancellationToken) =>
        await ProvePasswordAsync(caller, presentPassword, cancellationToken) is { } wrong
            ? wrong
            : await codes.RenewRecoveryCodesAsync(caller.Id, cancellationToken);

    /// <summary>Removes the authenticator app, all passkeys and the recovery codes.</summary>
    public async Task<Refusal?> RemoveSecondFactorsAsync(Caller caller, string presentPassword, CancellationToken cancellationToken) =>
        await ProvePasswordAsync(caller, presentPassword, cancellationToken)
        ?? await codes.RemoveAllAsync(caller.Id, caller.Name, cancellationToken);

    /// <summary>Adds a passkey. This requires the password, because the passkey can replace it from then on.</summary>
    public async Task<Refusal?> AddPasskeyAsync(
        Caller caller, string presentPassword, PasskeyAnswer answer, string name, HttpContext context) =>
        await ProvePasswordAsync(caller, presentPassword, context.RequestAborted)
            ?? await passkeys.RegisterAsync(caller, answer, name, context);

    /// <summary>Removes a passkey. This requires the password: without passkeys, less may be asked at the next sign-in.</summary>
    public async Task<Refusal?> RemovePasskeyAsync(
        Caller caller, string presentPassword, string id, CancellationToken cancellationToken) =>
        await ProvePasswordAsync(caller, presentPassword, cancellationToken) ?? await passkeys.RemoveAsync(caller, id, cancellationToken);

    /// <summary>Ends one of the caller's sessions at the API.</summary>
    public async Task<Refusal?> EndSessionAsync(Caller caller, Guid sessionId, CancellationToken cancellationToken) =>
        await sessions.EndAsync(caller.Id, sessionId, caller.Name, cancellationToken)
            ? null
            : Refusal.NotFound("session_not_found", "You have no session with this id; it may have ended already.");

    public async Task<(Administrator Administrator, IReadOnlyList<UserPasskeyInfo> Passkeys)?> ReadAsync(
        Caller caller, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.Id, cancellationToken) is { } administrator
            ? (administrator, await passkeys.ListAsync(caller.Id, cancellationToken))
            : null;

    /// <summary>
    /// Applies the vendor's document. The present password is required to set a new one, and to require less at the next sign-in.
    /// </summary>
    public async Task<Refusal?> ChangeSecurityAsync(
        Caller caller, AdminSecurityOptions request, string presentPassword, CancellationToken cancellationToken)
    {
        if (await ReadAsync(caller, cancellationToken) is not var (now, keys))
        {
            return AdministratorRefusals.NotFound;
        }

        if (Check(request, now, keys.Count, caller) is { } reason)
        {
            return AdministratorRefusals.Invalid(reason);
        }

        var newPassword = request.PasswordFormat == ClearText && request.Password is not ("" or Masked) ? request.Password : null;
        void Apply(Administrator administrator)
        {
            administrator.AllowPasswordLogin = request.AllowPasswordLogin;
            administrator.AllowPasswordAndTotpLogin = request.AllowPasswordAndTOTPLogin;
            administrator.AllowPasswordAndPasskeyLogin = request.AllowPasswordAndWebAuthnLogin;
            administrator.RequirePasswordChange |= request.RequirePasswordChange && newPassword is null;
            administrator.IPWhitelist = request.IPWhitelist;
        }

        if (newPassword is not null)
        {
            return await WhyNotAsync(caller, presentPassword, newPassword, cancellationToken)
                ?? await passwords.ChangeAsync(caller, newPassword, Apply, cancellationToken);
        }

        var requiresLess = (now.NeedsTotp && !request.AllowPasswordAndTOTPLogin)
            || (now.AllowPasswordAndPasskeyLogin && !request.AllowPasswordAndWebAuthnLogin) || request.IPWhitelist != now.IPWhitelist;
        if (requiresLess && await ProvePasswordAsync(caller, presentPassword, cancellationToken) is { } wrong)
        {
            return wrong;
        }

        return await store.ChangeAsync(caller.Id, actor: null, Apply, cancellationToken) is null ? AdministratorRefusals.NotFound : null;
    }

    private async Task<Refusal?> WhyNotAsync(
        Caller caller, string presentPassword, string newPassword, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.ChangePassword) is not null)
        {
            return Refusal.Forbidden("forbidden", "This administrator may not change the password.");
        }

        return await ProvePasswordAsync(caller, presentPassword, cancellationToken)
            ?? (newPassword == presentPassword
                ? Refusal.Invalid("password_unacceptable", "The new password must differ from the present one.")
                : null);
    }

    private async Task<Refusal?> ProvePasswordAsync(Caller caller, string presentPassword, CancellationToken cancellationToken)
    {
        var check = await access.CheckPasswordAsync(caller.Name, presentPassword, caller.Address, cancellationToken);
        return check.Administrator?.Id == caller.Id ? null
            : check.Result == SignInResult.Busy ? AdministratorRefusals.Busy
            : AdministratorRefusals.WrongPassword;
    }

    private static string? Check(AdminSecurityOptions request, Administrator now, int passkeys, Caller caller) => request switch
    {
        { PasswordFormat: not ClearText, Password: not ("" or Masked) } when request.Password != now.PasswordHash =>
            "Send a new password in clear, with PasswordFormat 0.",
        { AllowPasswordAndU2FLogin: true } => "U2F is not supported; use a passkey.",
        { AllowPasswordAndTOTPLogin: true } when now.TotpSecret is null =>
            "There is no authenticator app yet; call regenerate-totp and validate-totp first.",
        { AllowPasswordAndWebAuthnLogin: true } when passkeys == 0 => "There is no passkey yet; register one first.",
        { TOTPKey: not ("" or Masked) } => "The secret of the authenticator app is made by regenerate-totp.",
        { AllowPasswordLogin: false, AllowPasswordAndTOTPLogin: false, AllowPasswordAndWebAuthnLogin: false } =>
            "One way to sign in must stay allowed.",
        _ when !AddressRule.IsWellFormed(request.IPWhitelist) => "IPWhitelist is not a regular expression that this server understands.",
        _ when request.IPWhitelist != now.IPWhitelist && !AddressRule.Allows(request.IPWhitelist, caller.Address) =>
            "IPWhitelist does not match the address of this call, and would lock you out.",
        _ => null,
    };
}
