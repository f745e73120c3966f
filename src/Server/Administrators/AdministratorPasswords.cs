using System.Net;
using Halley.Server.Access;
using Halley.Server.Administrators.Tokens;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>The one place where an administrator's password is changed.</summary>
internal sealed partial class AdministratorPasswords(
    UserManager<Administrator> users, ServerDbContext database, AdministratorAccess access, AdministratorChanges changes,
    AdministratorSessions sessions, ApiTokens tokens, ILogger<AdministratorPasswords> logger)
{
    /// <summary>Changes the caller's own password and ends his sessions elsewhere, those of the page included.</summary>
    public async Task<PasswordChange> ChangeAsync(
        AdministratorIdentity caller, string currentPassword, string newPassword, IPAddress? client, CancellationToken cancellationToken)
    {
        if (!caller.Meets(Requires.ChangePassword))
        {
            return new PasswordChange(PasswordChangeResult.Forbidden, ["This administrator may not change the password."]);
        }

        var check = await access.CheckPasswordAsync(caller.Username, currentPassword, client, cancellationToken);
        if (check.Administrator?.Id != caller.Id)
        {
            return new PasswordChange(check.Result == SignInResult.Busy ? PasswordChangeResult.Busy : PasswordChangeResult.WrongPassword);
        }

        return newPassword == currentPassword
            ? new PasswordChange(PasswordChangeResult.Unacceptable, ["The new password must be another one."])
            : await StoreAsync(caller.Id, newPassword, caller, mustChange: false, cancellationToken);
    }

    /// <summary>Sets a password without knowing the old one and ends the lock; null when nobody has the name.</summary>
    public async Task<PasswordChange?> ResetAsync(string username, string newPassword, CancellationToken cancellationToken)
    {
        var name = users.NormalizeName(username);
        var id = await database.Set<Administrator>().Where(row => row.NormalizedUserName == name).Select(row => (Guid?)row.Id)
            .SingleOrDefaultAsync(cancellationToken);
        return id is null ? null : await SetAsync(id.Value, newPassword, mustChange: false, cancellationToken);
    }

    /// <summary>
    /// Sets somebody else's password; with <paramref name="mustChange"/> its owner can do nothing else before he has chosen his own. All his
    /// sessions end, and his API tokens are gone: whoever resets a password does not know who else has what belongs to it.
    /// </summary>
    public Task<PasswordChange> SetAsync(Guid id, string password, bool mustChange, CancellationToken cancellationToken) =>
        StoreAsync(id, password, owner: null, mustChange, cancellationToken);

    // Who changes his own password keeps the session he does it in, and his API tokens, which he sees in a list and can revoke one by one:
    // a password that is changed once a year must not stop the programs that never knew it.
    private async Task<PasswordChange> StoreAsync(
        Guid id, string password, AdministratorIdentity? owner, bool mustChange, CancellationToken cancellationToken)
    {
        var reasons = await WhyUnacceptableAsync(new Administrator { Id = id }, password);
        if (reasons.Count > 0)
        {
            return new PasswordChange(PasswordChangeResult.Unacceptable, reasons);
        }

        var hash = await Task.Run(() => users.PasswordHasher.HashPassword(new Administrator { Id = id }, password), cancellationToken);
        var changed = await changes.ChangeAsync(
            id, null,
            administrator =>
            {
                administrator.PasswordHash = hash;
                administrator.PasswordFormat = CredentialHasher.CurrentFormat;
                administrator.AccessFailedCount = 0;
                administrator.LockoutEnd = null;
                administrator.RequirePasswordChange = mustChange;
                // The new stamp is what makes cookies of the page invalid.
                administrator.SecurityStamp = Guid.NewGuid().ToString("N");
            },
            cancellationToken);
        if (changed is null)
        {
            return new PasswordChange(PasswordChangeResult.Unacceptable, ["The administrator is gone."]);
        }

        await sessions.EndAllAsync(id, owner?.SessionId, cancellationToken);
        if (owner is null)
        {
            await tokens.RevokeAllAsync(id, cancellationToken);
        }

        LogPasswordChanged(changed.UserName!);
        return new PasswordChange(PasswordChangeResult.Changed);
    }

    public async Task<IReadOnlyList<string>> WhyUnacceptableAsync(Administrator administrator, string password)
    {
        var reasons = new List<string>();
        foreach (var validator in users.PasswordValidators)
        {
            var result = await validator.ValidateAsync(users, administrator, password);
            reasons.AddRange(result.Errors.Select(error => error.Description));
        }

        return reasons;
    }

    public Task<List<string>> ListNamesAsync(CancellationToken cancellationToken) =>
        database.Set<Administrator>().OrderBy(administrator => administrator.NormalizedUserName)
            .Select(administrator => administrator.UserName!).ToListAsync(cancellationToken);

    [LoggerMessage(LogEvents.PasswordChanged, LogLevel.Information, "Password of administrator {Name} changed")]
    private partial void LogPasswordChanged(string name);
}
