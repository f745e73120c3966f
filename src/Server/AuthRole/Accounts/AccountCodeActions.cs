using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>A new secret for an authenticator app, and the hash of the profile that has it.</summary>
internal sealed record NewAuthenticatorApp(TotpSetUp SetUp, string ProfileHash);

/// <summary>
/// Users' operations on their authenticator app, and its removal by an administrator. Wrong codes count like wrong passwords.
/// </summary>
internal sealed class AccountCodeActions(AccountAccess access, AuthenticatorCodes<Account> codes, ProfileStore profiles, TimeProvider time)
{
    private static readonly Refusal WrongCode =
        Refusal.Invalid("code_wrong", "This is not the code that the authenticator app shows now, or it was used already.");

    /// <summary>
    /// Stores a new secret. Whether sign-ins require codes does not change. The server never returns the secret again.
    /// </summary>
    /// <param name="replaceInUse">False refuses while sign-ins require codes; the vendor's API has no such protection.</param>
    public async Task<Outcome<NewAuthenticatorApp>> RenewAsync(
        AccountIdentity user, string? requiredHash, bool replaceInUse, CancellationToken cancellationToken)
    {
        if (!user.HasFreshProof(time.GetUtcNow()))
        {
            return AccountRefusals.FreshSignInRequired;
        }

        if (!replaceInUse && await access.UsesCodesAsync(user.Username, cancellationToken))
        {
            return Refusal.Conflict("totp_is_on", "An authenticator app is in use; remove it with one of its codes first.");
        }

        var secret = Totp.NewSecret();
        var change = await profiles.ChangeAsync(
            new AccountCaller(user),
            requiredHash,
            (account, _) =>
            {
                (account.TotpSecret, account.LastTotpStep) = (codes.Protect(account.Id, secret), 0);
                return null;
            },
            cancellationToken);
        return change.TryGet(out var stored, out var refusal)
            ? new NewAuthenticatorApp(TotpSetUp.Of(user.Username, secret), stored.Hash)
            : refusal;
    }

    /// <summary>Returns a refusal unless the code is right.</summary>
    public async Task<Refusal?> ProveAsync(AccountIdentity user, string code, CancellationToken cancellationToken) =>
        await access.ProveCodeAsync(user, code, user.Address, cancellationToken) ? null : WrongCode;

    /// <summary>Requires codes from now on; returns the recovery codes.</summary>
    public async Task<Outcome<RecoveryCodesCreated>> TurnOnAsync(AccountIdentity user, string code, CancellationToken cancellationToken)
    {
        if (await ProveAsync(user, code, cancellationToken) is { } wrong)
        {
            return wrong;
        }

        var change = await profiles.ChangeAsync(
            new AccountCaller(user),
            requiredHash: null,
            (_, profile) =>
            {
                profile.AllowPasswordAndTOTPLogin = true;
                return null;
            },
            cancellationToken);
        return change.Refusal is { } refusal
            ? refusal
            : new RecoveryCodesCreated(await codes.RenewRecoveryCodesAsync(user.Id, cancellationToken));
    }

    /// <summary>Replaces all recovery codes by new ones.</summary>
    public async Task<Outcome<RecoveryCodesCreated>> RenewRecoveryCodesAsync(
        AccountIdentity user, string code, CancellationToken cancellationToken) =>
        await ProveAsync(user, code, cancellationToken) is { } wrong
            ? wrong
            : new RecoveryCodesCreated(await codes.RenewRecoveryCodesAsync(user.Id, cancellationToken));

    /// <summary>The user removes its app, with one of its codes.</summary>
    public async Task<Refusal?> TurnOffAsync(AccountIdentity user, string code, CancellationToken cancellationToken) =>
        await ProveAsync(user, code, cancellationToken) ?? await RemoveAsync(new AccountCaller(user), cancellationToken);

    /// <summary>Stops requiring codes, and deletes the secret of the app and the recovery codes.</summary>
    public async Task<Refusal?> RemoveAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            caller,
            requiredHash: null,
            (account, profile) =>
            {
                (account.TotpSecret, account.LastTotpStep) = (null, 0);
                (profile.AllowPasswordLogin, profile.AllowPasswordAndTOTPLogin) = (true, false);
                return null;
            },
            cancellationToken);
        if (change.TryGet(out var stored, out var refusal))
        {
            await codes.RemoveRecoveryCodesAsync(stored.Account.Id, cancellationToken);
        }

        return refusal;
    }
}
