using System.Net;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>
/// The only place that checks an administrator's credentials, for both APIs and the pages. Neither its results nor its timing reveal
/// whether a name exists or is locked.
/// </summary>
internal sealed class AdministratorAccess(
    UserManager<Administrator> users, AdministratorStore store, ServerDbContext database, CredentialVerifier verifier,
    SignInLock<Administrator> locks, AdministratorCodes codes, TimeProvider time)
{
    private const string CredentialKind = "administrator";

    public async Task<SignIn> SignInAsync(SignInAttempt attempt, IPAddress? client, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var password = await CheckPasswordAsync(attempt.Username, attempt.Password, client, cancellationToken);
        if (password.Administrator is not { } administrator)
        {
            return password;
        }

        if (administrator.IsPasswordEnough)
        {
            return await SucceedAsync(administrator, cancellationToken);
        }

        if (attempt.Code.Length > 0)
        {
            return await CheckCodeAsync(administrator, attempt.Code, start, client, cancellationToken);
        }

        return administrator switch
        {
            { NeedsTotp: true } => new SignIn(SignInResult.CodeMissing, HalfSignedIn: administrator.Id),
            { AllowPasswordAndPasskeyLogin: true } => new SignIn(SignInResult.PasskeyMissing, HalfSignedIn: administrator.Id),
            _ => SignIn.Refused,
        };
    }

    /// <summary>Completes a sign-in whose password was right.</summary>
    public async Task<SignIn> CompleteAsync(Guid halfSignedIn, string code, IPAddress? client, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var administrator = await store.FindAsync(halfSignedIn, cancellationToken);
        if (administrator is not null && IsWelcome(administrator, client) && !locks.IsBlocked(client))
        {
            return await CheckCodeAsync(administrator, code, start, client, cancellationToken);
        }

        await verifier.DelayRefusalAsync(start, cancellationToken);
        return SignIn.Refused;
    }

    /// <summary>
    /// Checks the password alone, without second factors. It proves that a signed-in session is used by the administrator, and not by
    /// somebody who found an open browser.
    /// </summary>
    public async Task<SignIn> CheckPasswordAsync(string username, string typed, IPAddress? client, CancellationToken cancellationToken)
    {
        var password = TypedPassword.Normalize(typed);
        var name = store.Normalize(username) ?? "";
        var administrator = await store.FindAsync(username, cancellationToken);
        // A locked account is checked like an unknown one, so the right password is neither accepted nor confirmed.
        var known = administrator is not null && IsWelcome(administrator, client)
            && (!locks.IsBlocked(client) || WasRightLately(administrator, name, password))
            ? administrator
            : null;
        StoredCredential[] candidates = known is null ? [] : [CredentialOf(known)];
        var verdict = await verifier.VerifyAsync(
            CredentialKind, name, candidates, password, client, cancellationToken, () =>
                locks.CountFailureAsync(known?.ToSubject(), client, cancellationToken), tenant: known?.OrganizationId ?? "");
        switch (verdict.Outcome)
        {
            case CredentialOutcome.Verified:
                await RenewHashAsync(known!, password, cancellationToken);
                return new SignIn(SignInResult.SignedIn, known);
            case CredentialOutcome.Busy:
                return SignIn.Busy;
            default:
                return SignIn.Refused;
        }
    }

    private async Task<SignIn> CheckCodeAsync(
        Administrator administrator, string code, long start, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!administrator.IsPasswordEnough && await codes.AcceptAsync(administrator, code, cancellationToken))
        {
            return await SucceedAsync(administrator, cancellationToken);
        }

        await locks.CountFailureAsync(administrator.ToSubject(), client, cancellationToken);
        await verifier.DelayRefusalAsync(start, cancellationToken);
        return SignIn.Refused;
    }

    private async Task<SignIn> SucceedAsync(Administrator administrator, CancellationToken cancellationToken)
    {
        await locks.SucceedAsync(
            administrator.Id, administrator.FailedSignIns, administrator.LastSignInAt, cancellationToken);
        return new SignIn(SignInResult.SignedIn, administrator);
    }

    private bool IsWelcome(Administrator administrator, IPAddress? client) =>
        !locks.IsLocked(administrator.LockedUntil) && AddressRule.Allows(administrator.IPWhitelist, client);

    // Programs that send their password with every call keep working while somebody else fails from the same address.
    private bool WasRightLately(Administrator administrator, string name, string password) =>
        verifier.TryFindVerified(CredentialKind, name, password, out var hash) && hash == administrator.PasswordHash;

    private static StoredCredential CredentialOf(Administrator administrator) =>
        new(administrator.PasswordFormat, administrator.PasswordHash!);

    // The server knows the password only now, so it replaces a hash of an older format or work factor.
    private async Task RenewHashAsync(Administrator administrator, string password, CancellationToken cancellationToken)
    {
        var old = administrator.PasswordHash!;
        if (users.PasswordHasher is AdministratorPasswordHasher hasher && hasher.NeedsRenewal(administrator))
        {
            administrator.PasswordHash = await Task.Run(() => hasher.HashPassword(administrator, password), cancellationToken);
            await database.Set<Administrator>().Where(row => row.Id == administrator.Id && row.PasswordHash == old).ExecuteUpdateAsync(
                change => change
                    .SetProperty(row => row.PasswordHash, administrator.PasswordHash)
                    .SetProperty(row => row.PasswordFormat, administrator.PasswordFormat),
                cancellationToken);
        }
    }
}
