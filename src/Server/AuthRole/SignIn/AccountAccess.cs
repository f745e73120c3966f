using System.Net;
using Halley.Protocol.Keys;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.SignIn;

/// <summary>Settings for backup users (<c>Halley:Accounts</c>).</summary>
internal sealed class AccountOptions
{
    /// <summary>False rejects passwords: users then sign in with the L-key only, which clients derive themselves.</summary>
    public bool AllowPasswordSignIn { get; set; } = true;
}

/// <summary>
/// Checks the credentials of users for both APIs. Neither its results nor their timing reveal whether a name exists, is suspended or is
/// locked. Only a registered device with the right credential learns that its account is suspended: it asks again until it is let back,
/// and must not look like somebody who guesses.
/// </summary>
internal sealed class AccountAccess(
    IDbContextFactory<ServerDbContext> databases, CredentialVerifier verifier, AccountHashes hashes, AuthenticatorCodes<Account> codes,
    SignInLock<Account> locks, KnownDevices devices, IsOrganizationSuspended isSuspended, AccountOptions options, TimeProvider time)
{
    private const string LKeyKind = "account-lkey";
    private const string PasswordKind = "account-password";

    public async Task<AccountSignIn> SignInAsync(AccountCredential credential, IPAddress? client, CancellationToken cancellationToken)
    {
        if (credential.LKey is null && !options.AllowPasswordSignIn)
        {
            return new AccountSignIn(AccountSignInResult.PasswordsNotTaken);
        }

        var start = time.GetTimestamp();
        var state = await FindAsync(credential.Username, cancellationToken);
        var isHeld = state is not null && (state.IsSuspended || await isSuspended(state.OrganizationId, cancellationToken));
        var mayTry = state is not null && await MayTryAsync(state, isHeld, credential.DeviceId, client, cancellationToken);
        Task Count()
        {
            if (mayTry)
            {
                devices.CountFailure(state!.Id, credential.DeviceId);
            }

            return locks.CountFailureAsync(mayTry ? state!.ToSubject() : null, client, cancellationToken);
        }

        // A user that may not try is checked like an unknown name, so the right credential is neither accepted nor confirmed.
        var verdict = await VerifyAsync(credential, mayTry ? state : null, client, Count, cancellationToken);
        if (!verdict.IsVerified)
        {
            return new AccountSignIn(verdict.Outcome == CredentialOutcome.Busy ? AccountSignInResult.Busy : AccountSignInResult.Refused);
        }

        if (isHeld)
        {
            return new AccountSignIn(AccountSignInResult.Suspended);
        }

        var isKnown = state!.NeedsCode && credential.Proof is { } proof && proof.AccountId == state.Id
            && proof.App == DeviceProofs.Identify(state.TotpSecret!);
        var result = isKnown ? AccountSignInResult.SignedIn
            : await CheckFactorsAsync(state, credential.Code ?? "", cancellationToken);
        switch (result)
        {
            case AccountSignInResult.SignedIn:
                await locks.SucceedAsync(state!.Id, state.FailedSignIns, state.LastSignInAt, cancellationToken);
                await hashes.RenewAsync(state!, credential, client, cancellationToken);
                var identity = state!.ToIdentity();
                return isKnown
                    ? new AccountSignIn(result, identity with { InsteadOfCredential = AccountIdentity.KnownDevice })
                    : new AccountSignIn(result, identity, state.NeedsCode ? DeviceProofs.Identify(state.TotpSecret!) : null);
            case AccountSignInResult.Refused:
                await Count();
                await verifier.DelayRefusalAsync(start, cancellationToken);
                break;
        }

        return new AccountSignIn(result);
    }

    /// <summary>
    /// Checks a credential without signing in, for a user that is already signed in or an administrator in its place. No code is required.
    /// The check takes as long as a sign-in.
    /// </summary>
    public async Task<AccountSignInResult> ProveAsync(AccountCredential credential, IPAddress? client, CancellationToken cancellationToken)
    {
        if (credential.LKey is null && !options.AllowPasswordSignIn)
        {
            return AccountSignInResult.PasswordsNotTaken;
        }

        var state = await FindAsync(credential.Username, cancellationToken);
        var mayTry = state is not null && !locks.IsLocked(state.LockedUntil) && !locks.IsBlocked(client);
        var verdict = await VerifyAsync(
            credential, mayTry ? state : null, client,
            () => locks.CountFailureAsync(mayTry ? state!.ToSubject() : null, client, cancellationToken),
            cancellationToken);
        return verdict.IsVerified ? AccountSignInResult.SignedIn
            : verdict.Outcome == CredentialOutcome.Busy ? AccountSignInResult.Busy
            : AccountSignInResult.Refused;
    }

    /// <summary>
    /// Checks a code of the authenticator app or a recovery code of a user that is signed in already. Wrong codes count as failures and
    /// take as long.
    /// </summary>
    public async Task<bool> ProveCodeAsync(AccountIdentity account, string code, IPAddress? client, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var state = await FindAsync(account.Username, cancellationToken);
        var mayTry = state is { TotpSecret: not null } && !locks.IsLocked(state.LockedUntil)
            && !locks.IsBlocked(client);
        if (mayTry && await codes.AcceptAsync(state!.Id, state.TotpSecret, code, cancellationToken) != AcceptedCode.None)
        {
            return true;
        }

        await locks.CountFailureAsync(mayTry ? state!.ToSubject() : null, client, cancellationToken);
        await verifier.DelayRefusalAsync(start, cancellationToken);
        return false;
    }

    public async Task<bool> UsesCodesAsync(string username, CancellationToken cancellationToken) =>
        await FindAsync(username, cancellationToken) is { NeedsCode: true };

    /// <summary>
    /// True when an account has this name. The result never leaves the server: it only decides whose credentials to check.
    /// </summary>
    public async Task<bool> KnowsAsync(string username, CancellationToken cancellationToken) =>
        await FindAsync(username, cancellationToken) is not null;

    private async Task<SignInState?> FindAsync(string username, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await SignInState.FindAsync(database.Set<Account>().AsNoTracking(), username, cancellationToken);
    }

    private async Task<bool> MayTryAsync(
        SignInState state, bool isHeld, string? deviceId, IPAddress? client, CancellationToken cancellationToken) =>
        !locks.IsBlocked(client)
        && ((!isHeld && !locks.IsLocked(state.LockedUntil)) || await devices.PassesAsync(state.Id, deviceId, cancellationToken));

    private ValueTask<CredentialVerdict> VerifyAsync(
        AccountCredential credential, SignInState? state, IPAddress? client, Func<Task> onWrong, CancellationToken cancellationToken)
    {
        StoredCredential[] candidates = state is null ? [] : [state.Credential];
        var tenant = state?.OrganizationId ?? "";
        var (kdf, username) = (state?.KdfVersion ?? AccountKeys.CurrentKdf, credential.Username);
        return credential.LKey is { } lKey
            ? verifier.VerifyAsync(LKeyKind, username, candidates, lKey, client, cancellationToken, onWrong, tenant: tenant)
            : verifier.VerifyAsync(
                PasswordKind, username, candidates, credential.Password ?? "", client, cancellationToken, onWrong,
                password => AccountKeys.TryDeriveLKey(kdf, username, password, out var derived, out _) ? derived : null, tenant);
    }

    private async Task<AccountSignInResult> CheckFactorsAsync(SignInState state, string code, CancellationToken cancellationToken)
    {
        if (!state.NeedsCode)
        {
            return state.AllowPasswordLogin ? AccountSignInResult.SignedIn : AccountSignInResult.Refused;
        }

        return code.Length == 0 ? AccountSignInResult.CodeMissing
            : await codes.AcceptAsync(state.Id, state.TotpSecret, code, cancellationToken) != AcceptedCode.None
            ? AccountSignInResult.SignedIn
            : AccountSignInResult.Refused;
    }
}
