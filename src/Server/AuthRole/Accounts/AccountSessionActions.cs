using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Operations on sessions of users: list, end, and start one in place of the user.</summary>
internal sealed class AccountSessionActions(IDbContextFactory<ServerDbContext> databases, AccountSessions sessions)
{
    private static readonly Refusal NotFound =
        Refusal.NotFound("session_not_found", "The account has no session with this id; it may have ended already.");

    /// <summary>The sessions that have not ended, oldest first.</summary>
    public async Task<Outcome<Page<SessionInfo>>> ListAsync(AccountCaller caller, CancellationToken cancellationToken) =>
        await FindIdAsync(caller, cancellationToken) is { } accountId
            ? new Page<SessionInfo>(
                [.. (await sessions.ListAsync(accountId, cancellationToken)).Select(session => session.ToWire(caller.User?.SessionId))],
                Next: null)
            : AccountRefusals.NotFound;

    public async Task<Refusal?> EndAsync(AccountCaller caller, Guid sessionId, CancellationToken cancellationToken) =>
        await FindIdAsync(caller, cancellationToken) is not { } accountId ? AccountRefusals.NotFound
        : await sessions.EndAsync(accountId, sessionId, caller.Actor, cancellationToken) ? null
        : NotFound;

    /// <summary>Starts a session that an administrator uses in place of the user; returns its key.</summary>
    public async Task<Outcome<string>> StartAsUserAsync(
        Caller caller, string username, string userAgent, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.ActAsUser) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var account = await database.Set<Account>().In(caller.Scope).Where(row => row.Username == username)
            .Select(row => new { row.Id, row.OrganizationId, row.IsSuspended }).SingleOrDefaultAsync(cancellationToken);
        if (account is null)
        {
            return AccountRefusals.NotFound;
        }

        if (account.IsSuspended)
        {
            return AccountRefusals.Invalid("The account is suspended");
        }

        var user = new AccountIdentity(account.Id, username, account.OrganizationId);
        return (await sessions.StartForAsync(user, caller.Name, new SessionOrigin(caller.Address, userAgent), cancellationToken)).Key;
    }

    private async Task<Guid?> FindIdAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.FindIdAsync(caller, cancellationToken);
    }
}
