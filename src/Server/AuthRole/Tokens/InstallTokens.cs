using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Tokens;

/// <summary>Tokens for installers: good for three days and for one sign-in.</summary>
internal sealed class InstallTokens(IDbContextFactory<ServerDbContext> databases, IsOrganizationSuspended isSuspended, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    // A used or expired token is shown for a while, so that somebody who asks what became of it gets an answer.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(30);

    /// <summary>Makes a token; its text is only known to the caller from here on. Null when there is no such account.</summary>
    public async Task<(string Token, StoredInstallToken Stored)?> CreateAsync(
        string username, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var account = await database.Set<Account>().In(scope).Where(row => row.Username == username)
            .Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancellationToken);
        if (account is not { } accountId)
        {
            return null;
        }

        var token = SessionKey.New();
        var now = time.GetUtcNow();
        var stored = new StoredInstallToken
        {
            Id = Guid.CreateVersion7(now),
            AccountId = accountId,
            Hash = SessionKey.HashOf(token),
            CreatedAt = now.UtcDateTime,
            ExpiresAt = (now + Lifetime).UtcDateTime,
            CreatedBy = actor,
        };
        database.Add(stored);
        await database.SaveChangesAsync(cancellationToken);
        return (token, stored);
    }

    /// <summary>The account a token is for, which counts as used from now on; null when it is unknown, used, expired or not for this name.</summary>
    public async Task<AccountIdentity?> RedeemAsync(string username, string token, CancellationToken cancellationToken)
    {
        if (!SessionKey.IsWellFormed(token))
        {
            return null;
        }

        var hash = SessionKey.HashOf(token);
        DateTime? now = time.GetUtcNow().UtcDateTime;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var account = await database.Set<StoredInstallToken>()
            .Where(row => row.Hash == hash && row.UsedAt == null && row.ExpiresAt > now)
            .Join(
                database.Set<Account>().Where(row => row.Username == username && !row.IsSuspended), row => row.AccountId, row => row.Id,
                (_, row) => new AccountIdentity(row.Id, row.Username, row.OrganizationId, null, null, row.RequirePasswordChange, !row.PreventsWebAccess))
            .SingleOrDefaultAsync(cancellationToken);
        if (account is null || await isSuspended(account.OrganizationId, cancellationToken))
        {
            return null;
        }

        var used = await database.Set<StoredInstallToken>().Where(row => row.Hash == hash && row.UsedAt == null)
            .ExecuteUpdateAsync(change => change.SetProperty(row => row.UsedAt, now), cancellationToken);
        return used > 0 ? account : null;
    }

    public async Task<IReadOnlyList<StoredInstallToken>> ListAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredInstallToken>().AsNoTracking().Where(row => row.AccountId == accountId)
            .OrderByDescending(row => row.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Takes a token back; false when the account has no such one.</summary>
    public async Task<bool> DeleteAsync(Guid accountId, Guid tokenId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredInstallToken>().Where(row => row.AccountId == accountId && row.Id == tokenId)
            .ExecuteDeleteAsync(cancellationToken) > 0;
    }

    public async Task RemoveOldAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime - KeptAfterwards;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<StoredInstallToken>().Where(row => row.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken);
    }
}
