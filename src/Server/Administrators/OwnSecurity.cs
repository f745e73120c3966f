using System.Net;
using Halley.Protocol.Comet;
using Microsoft.AspNetCore.Identity;

namespace Halley.Server.Administrators;

/// <summary>What an administrator decides about his own sign-in, as the vendor's document.</summary>
internal sealed class OwnSecurity(
    AdministratorAccess access, AdministratorPasswords passwords, AdministratorChanges changes, UserManager<Administrator> users)
{
    /// <summary>Stands for a secret when it is read; coming back it means that nothing is changed.</summary>
    public const string Masked = "(unchanged)";

    /// <summary>The vendor's format of a password in clear, to be hashed at once.</summary>
    private const int ClearText = 0;

    public async Task<(Administrator Administrator, IList<UserPasskeyInfo> Passkeys)?> ReadAsync(Guid id, CancellationToken cancellationToken) =>
        await changes.FindAsync(id, cancellationToken) is { } administrator
            ? (administrator, await users.GetPasskeysAsync(administrator))
            : null;

    /// <summary>
    /// Takes the document over. The present password is needed for a new one, and to ask for less at the next sign-in: an open session is
    /// not enough for either.
    /// </summary>
    public async Task<AdministratorChange> ChangeAsync(
        AdministratorIdentity caller, AdminSecurityOptions request, string presentPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        if (await ReadAsync(caller.Id, cancellationToken) is not var (now, passkeys))
        {
            return AdministratorChange.NotFound;
        }

        if (WhyNot(request, now, passkeys.Count, client) is { } reason)
        {
            return AdministratorChange.Invalid(reason);
        }

        var newPassword = request.PasswordFormat == ClearText && request.Password is not ("" or Masked) ? request.Password : null;
        var asksForLess = (now.NeedsTotp && !request.AllowPasswordAndTOTPLogin)
            || (now.AllowPasswordAndPasskeyLogin && !request.AllowPasswordAndWebAuthnLogin) || request.IPWhitelist != now.IPWhitelist;
        if (newPassword is not null && await SetPasswordAsync(caller, presentPassword, newPassword, client, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (newPassword is null && asksForLess && await CheckAsync(caller, presentPassword, client, cancellationToken) is { } wrong)
        {
            return wrong;
        }

        var changed = await changes.ChangeAsync(
            caller.Id, null,
            administrator =>
            {
                administrator.AllowPasswordLogin = request.AllowPasswordLogin;
                administrator.AllowPasswordAndTotpLogin = request.AllowPasswordAndTOTPLogin;
                administrator.AllowPasswordAndPasskeyLogin = request.AllowPasswordAndWebAuthnLogin;
                administrator.RequirePasswordChange |= request.RequirePasswordChange && newPassword is null;
                administrator.IPWhitelist = request.IPWhitelist;
            },
            cancellationToken);
        return changed is null ? AdministratorChange.NotFound : new AdministratorChange(changed);
    }

    private static string? WhyNot(AdminSecurityOptions request, Administrator now, int passkeys, IPAddress? client)
    {
        if (request.PasswordFormat != ClearText && request.Password is not ("" or Masked) && request.Password != now.PasswordHash)
        {
            return "Send a new password in clear, with PasswordFormat 0.";
        }

        if (request.AllowPasswordAndU2FLogin)
        {
            return "U2F is not supported; use a passkey.";
        }

        if (request.AllowPasswordAndTOTPLogin && now.TotpSecret is null)
        {
            return "There is no authenticator app yet; call regenerate-totp and validate-totp first.";
        }

        if (request.AllowPasswordAndWebAuthnLogin && passkeys == 0)
        {
            return "There is no passkey yet; register one first.";
        }

        if (request.TOTPKey is not ("" or Masked))
        {
            return "The secret of the authenticator app is made by regenerate-totp.";
        }

        if (!(request.AllowPasswordLogin || request.AllowPasswordAndTOTPLogin || request.AllowPasswordAndWebAuthnLogin))
        {
            return "One way to sign in must stay allowed.";
        }

        return AddressRule.IsWellFormed(request.IPWhitelist) ? WhyNotFrom(request.IPWhitelist, now, client)
            : "IPWhitelist is not a regular expression that this server understands.";
    }

    private static string? WhyNotFrom(string rule, Administrator now, IPAddress? client) =>
        rule == now.IPWhitelist || AddressRule.Allows(rule, client)
            ? null
            : "IPWhitelist does not fit the address this call comes from, and would shut you out.";

    private async Task<AdministratorChange?> CheckAsync(
        AdministratorIdentity caller, string presentPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        var check = await access.CheckPasswordAsync(caller.Username, presentPassword, client, cancellationToken);
        return check.Administrator is not null ? null
            : check.Result == SignInResult.Busy ? new AdministratorChange(null, AdministratorRefusal.Busy, "Too many passwords are being checked; try again.")
            : new AdministratorChange(null, AdministratorRefusal.WrongPassword, "The present password is wrong, or not in the field Password.");
    }

    private async Task<AdministratorChange?> SetPasswordAsync(
        AdministratorIdentity caller, string presentPassword, string newPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        var change = await passwords.ChangeAsync(caller, presentPassword, newPassword, client, cancellationToken);
        var reasons = string.Join(" ", change.Reasons);
        return change.Result switch
        {
            PasswordChangeResult.Changed => null,
            PasswordChangeResult.Forbidden => new AdministratorChange(null, AdministratorRefusal.Forbidden, reasons),
            PasswordChangeResult.Busy => new AdministratorChange(null, AdministratorRefusal.Busy, "Too many passwords are being checked; try again."),
            PasswordChangeResult.Unacceptable => AdministratorChange.Invalid(reasons),
            _ => new AdministratorChange(
                null, AdministratorRefusal.WrongPassword, "The present password is wrong, or not in the field Password."),
        };
    }
}
