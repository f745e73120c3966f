using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>Which accounts to list; what is null does not matter.</summary>
internal sealed record AccountFilter(string? Text, string? OrganizationId, bool? IsSuspended);

/// <summary>Accounts as lists show them.</summary>
internal sealed class AccountDirectory(IDbContextFactory<ServerDbContext> databases)
{
    /// <summary>Accounts in the order of their names, after a given one.</summary>
    public async Task<IReadOnlyList<AccountInfo>> ListAsync(
        TenantScope scope, AccountFilter filter, string? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var accounts = database.Set<Account>().AsNoTracking().In(scope);
        if (filter.OrganizationId is { } organization)
        {
            accounts = accounts.Where(account => account.OrganizationId == organization);
        }

        if (filter.IsSuspended is { } isSuspended)
        {
            accounts = accounts.Where(account => account.IsSuspended == isSuspended);
        }

        if (filter.Text is { Length: > 0 } text)
        {
            var folded = text.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL
            accounts = accounts.Where(account => account.Username.ToLower().Contains(folded) || account.AccountName.ToLower().Contains(folded));
#pragma warning restore CA1304, CA1311, CA1862
        }

        if (!string.IsNullOrEmpty(after))
        {
            accounts = accounts.Where(account => account.Username.CompareTo(after) > 0);
        }

        return await Show(accounts.OrderBy(account => account.Username).Take(limit)).ToListAsync(cancellationToken);
    }

    public async Task<AccountInfo?> FindAsync(string username, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await Show(database.Set<Account>().AsNoTracking().In(scope).Where(account => account.Username == username))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Id and tenant of an account, for what hangs on it; null when there is none in the scope.</summary>
    public async Task<AccountIdentity?> IdentifyAsync(string username, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().In(scope).Where(account => account.Username == username)
            .Select(account => new AccountIdentity(
                account.Id, account.Username, account.OrganizationId, null, null, account.RequirePasswordChange, !account.PreventsWebAccess))
            .SingleOrDefaultAsync(cancellationToken);
    }

    // The columns that are shown and no others: profiles are large.
    private static IQueryable<AccountInfo> Show(IQueryable<Account> accounts) => accounts.Select(account => new AccountInfo(
        account.Username, account.OrganizationId, account.AccountName, account.GroupId, account.PolicyId, account.CreatedAt, account.CreationId,
        account.IsSuspended, account.RequirePasswordChange, account.AllowPasswordAndTotpLogin && account.TotpSecret != null,
        account.PasswordRecovery != "", account.LastSignInAt, account.LockedUntil, account.ProfileHash));
}
