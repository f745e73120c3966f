using Halley.Server.Access;
using Halley.Server.Administrators.Tokens;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>Checks, hashes and stores the passwords of administrators.</summary>
internal sealed partial class AdministratorPasswords(
    UserManager<Administrator> users, ServerDbContext database, AdministratorStore store, ILogger<AdministratorPasswords> logger)
{
    /// <summary>The hash of a new password, or the reason why the password is rejected.</summary>
    public async Task<Outcome<string>> HashAsync(string password, CancellationToken cancellationToken)
    {
        var someone = new Administrator();
        var reasons = new List<string>();
        foreach (var validator in users.PasswordValidators)
        {
            var result = await validator.ValidateAsync(users, someone, password);
            reasons.AddRange(result.Errors.Select(error => error.Description));
        }

        return reasons.Count > 0
            ? Refusal.Invalid("password_unacceptable", string.Join(" ", reasons))
            : await Task.Run(() => users.PasswordHasher.HashPassword(someone, password), cancellationToken);
    }

    /// <summary>Sets the password hash, ends the lock, and renews the security stamp, which invalidates the cookies of the pages.</summary>
    public static void Set(Administrator administrator, string hash, bool mustChange)
    {
        administrator.PasswordHash = hash;
        administrator.PasswordFormat = CredentialHasher.CurrentFormat;
        (administrator.FailedSignIns, administrator.LockedUntil) = (0, null);
        administrator.RequirePasswordChange = mustChange;
        administrator.SecurityStamp = Guid.NewGuid().ToString("N");
    }

    /// <summary>
    /// Changes the administrator's own password. The session of the request and the API tokens remain: the administrator can list and
    /// revoke tokens, and a routine change of password must not stop programs that never knew it.
    /// </summary>
    public async Task<Refusal?> ChangeAsync(
        Caller owner, string password, Action<Administrator>? further, CancellationToken cancellationToken) =>
        await StoreAsync(owner.Id, password, further, owner, cancellationToken);

    /// <summary>Sets a password without the old one. All sessions and API tokens end, because somebody else may have them.</summary>
    public Task<Refusal?> ResetAsync(Guid id, string password, CancellationToken cancellationToken) =>
        StoreAsync(id, password, further: null, owner: null, cancellationToken);

    /// <summary>
    /// Ends the sessions of an administrator except <paramref name="except"/>, and with <paramref name="tokensToo"/> the API tokens.
    /// </summary>
    public static async Task EndAccessAsync(
        ServerDbContext database, Guid id, Guid? except, bool tokensToo, CancellationToken cancellationToken)
    {
        await database.Set<AdministratorSession>()
            .Where(session => session.OwnerId == id && session.Id != except).ExecuteDeleteAsync(cancellationToken);
        if (tokensToo)
        {
            await database.Set<ApiToken>().Where(token => token.AdministratorId == id).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private async Task<Refusal?> StoreAsync(
        Guid id, string password, Action<Administrator>? further, Caller? owner, CancellationToken cancellationToken)
    {
        if (!(await HashAsync(password, cancellationToken)).TryGet(out var hash, out var unacceptable))
        {
            return unacceptable;
        }

        var changed = await store.ChangeAsync(
            id,
            actor: null,
            administrator =>
            {
                Set(administrator, hash, mustChange: false);
                further?.Invoke(administrator);
            },
            cancellationToken);
        if (changed is null)
        {
            return AdministratorRefusals.NotFound;
        }

        await EndAccessAsync(database, id, owner?.SessionId, tokensToo: owner is null, cancellationToken);
        LogPasswordChanged(changed.UserName!);
        return null;
    }

    [LoggerMessage(LogEvents.PasswordChanged, LogLevel.Information, "Password of administrator {Name} changed")]
    private partial void LogPasswordChanged(string name);
}
