using System.Net;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>
/// The one place where an administrator's password is checked or changed; both APIs and the page use it. Nothing it returns, and no time
/// it takes, tells whether a name exists or is locked.
/// </summary>
internal sealed partial class AdministratorAccess(
    UserManager<Administrator> users, ServerDbContext database, CredentialVerifier verifier, AdministratorSessions sessions, TimeProvider time,
    ILogger<AdministratorAccess> logger)
{
    public const int MostFailures = 5;
    public static readonly TimeSpan Lockout = TimeSpan.FromMinutes(5);
    private const string CredentialKind = "administrator";

    public async Task<SignIn> SignInWithPasswordAsync(string username, string password, IPAddress? client, CancellationToken cancellationToken)
    {
        var administrator = await FindAsync(username, cancellationToken);
        var locked = administrator?.LockoutEnd > time.GetUtcNow();
        // A locked account is checked like an unknown one, so the right password is neither accepted nor confirmed.
        StoredCredential[] candidates = administrator is null || locked ? [] : [CredentialOf(administrator)];
        var verdict = await verifier.VerifyAsync(CredentialKind, users.NormalizeName(username) ?? "", candidates, password, client, cancellationToken);
        switch (verdict.Outcome)
        {
            case CredentialOutcome.Verified:
                await ForgetFailuresAsync(administrator!, cancellationToken);
                await RenewHashAsync(administrator!, password, cancellationToken);
                return new SignIn(SignInResult.SignedIn, administrator);
            case CredentialOutcome.Busy:
                return SignIn.Busy;
            default:
                SignInRefused(client);
                if (administrator is not null && !locked)
                {
                    await CountFailureAsync(administrator, client, cancellationToken);
                }

                return SignIn.Refused;
        }
    }

    /// <summary>Changes the caller's own password and ends his sessions elsewhere, those of the page included.</summary>
    public async Task<PasswordChange> ChangePasswordAsync(
        AdministratorIdentity caller, string currentPassword, string newPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        var signIn = await SignInWithPasswordAsync(caller.Username, currentPassword, client, cancellationToken);
        if (signIn.Administrator is null)
        {
            return new PasswordChange(signIn.Result == SignInResult.Busy ? PasswordChangeResult.Busy : PasswordChangeResult.WrongPassword);
        }

        return await SetPasswordAsync(signIn.Administrator.Id, newPassword, caller.SessionId, cancellationToken);
    }

    /// <summary>Sets a password without knowing the old one, ends all sessions and the lock; null when nobody has the name.</summary>
    public async Task<PasswordChange?> ResetPasswordAsync(string username, string newPassword, CancellationToken cancellationToken) =>
        await FindAsync(username, cancellationToken) is { } administrator
            ? await SetPasswordAsync(administrator.Id, newPassword, keptSession: null, cancellationToken)
            : null;

    public Task<List<string>> ListNamesAsync(CancellationToken cancellationToken) =>
        database.Set<Administrator>().OrderBy(administrator => administrator.NormalizedUserName)
            .Select(administrator => administrator.UserName!).ToListAsync(cancellationToken);

    private async Task<PasswordChange> SetPasswordAsync(Guid id, string password, Guid? keptSession, CancellationToken cancellationToken)
    {
        var administrator = await database.Set<Administrator>().AsTracking().SingleAsync(row => row.Id == id, cancellationToken);
        var reasons = new List<string>();
        foreach (var validator in users.PasswordValidators)
        {
            var result = await validator.ValidateAsync(users, administrator, password);
            reasons.AddRange(result.Errors.Select(error => error.Description));
        }

        if (reasons.Count > 0)
        {
            return new PasswordChange(PasswordChangeResult.Unacceptable, reasons);
        }

        administrator.PasswordHash = users.PasswordHasher.HashPassword(administrator, password);
        administrator.AccessFailedCount = 0;
        administrator.LockoutEnd = null;
        // Saves all of it; the new stamp is what makes cookies of the page invalid.
        var saved = await users.UpdateSecurityStampAsync(administrator);
        if (!saved.Succeeded)
        {
            return new PasswordChange(PasswordChangeResult.Unacceptable, [.. saved.Errors.Select(error => error.Description)]);
        }

        await sessions.EndAllAsync(id, keptSession, cancellationToken);
        PasswordChanged(administrator.UserName!);
        return new PasswordChange(PasswordChangeResult.Changed);
    }

    private async Task<Administrator?> FindAsync(string username, CancellationToken cancellationToken)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return null;
        }

        var name = users.NormalizeName(username);
        return await database.Set<Administrator>().AsNoTracking()
            .SingleOrDefaultAsync(administrator => administrator.NormalizedUserName == name, cancellationToken);
    }

    private static StoredCredential CredentialOf(Administrator administrator) => new(administrator.PasswordFormat, administrator.PasswordHash!);

    // Counted in the database, so that tries at the same time or at several instances all count.
    private async Task CountFailureAsync(Administrator administrator, IPAddress? client, CancellationToken cancellationToken)
    {
        await Row(administrator).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.AccessFailedCount, row => row.AccessFailedCount + 1), cancellationToken);
        DateTimeOffset? end = time.GetUtcNow() + Lockout;
        var locked = await Row(administrator).Where(row => row.AccessFailedCount >= MostFailures).ExecuteUpdateAsync(
            change => change.SetProperty(row => row.AccessFailedCount, 0).SetProperty(row => row.LockoutEnd, end), cancellationToken);
        if (locked > 0)
        {
            Locked(administrator.UserName!, Lockout.TotalMinutes, client);
        }
    }

    private async Task ForgetFailuresAsync(Administrator administrator, CancellationToken cancellationToken)
    {
        if (administrator.AccessFailedCount > 0)
        {
            await Row(administrator).ExecuteUpdateAsync(change => change.SetProperty(row => row.AccessFailedCount, 0), cancellationToken);
        }
    }

    // The only moment at which the server knows the password and can replace a hash of an older format or work factor.
    private async Task RenewHashAsync(Administrator administrator, string password, CancellationToken cancellationToken)
    {
        var old = administrator.PasswordHash!;
        if (users.PasswordHasher is AdministratorPasswordHasher hasher && hasher.NeedsRenewal(administrator))
        {
            administrator.PasswordHash = await Task.Run(() => hasher.HashPassword(administrator, password), cancellationToken);
            await Row(administrator).Where(row => row.PasswordHash == old).ExecuteUpdateAsync(
                change => change
                    .SetProperty(row => row.PasswordHash, administrator.PasswordHash)
                    .SetProperty(row => row.PasswordFormat, administrator.PasswordFormat),
                cancellationToken);
        }
    }

    private IQueryable<Administrator> Row(Administrator administrator) => database.Set<Administrator>().Where(row => row.Id == administrator.Id);
}
