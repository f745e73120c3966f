using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Tokens;

/// <summary>A new token; its text is not stored anywhere.</summary>
internal sealed record NewInstallToken(string Text, StoredInstallToken Stored);

/// <summary>Tokens for installers. Each is valid for three days and for one sign-in.</summary>
internal sealed class InstallTokenActions(
    IDbContextFactory<ServerDbContext> databases, AccountAccess access, IsOrganizationSuspended isSuspended, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);

    // Used and expired tokens stay in the list for a while, so that an administrator can see what happened to them.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(30);

    /// <summary>
    /// Creates a token after checking the password of the user. The vendor's API requires it, so that administrators cannot sign devices in
    /// without the user's knowledge.
    /// </summary>
    public async Task<Outcome<NewInstallToken>> CreateAsync(
        Caller caller, string username, string userPassword, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.FindIdAsync(new AccountCaller(caller, username), cancellationToken) is null)
        {
            return AccountRefusals.NotFound;
        }

        return AccountRefusals.Of(
            await access.ProveAsync(AccountCredential.OfPassword(username, userPassword), caller.Address, cancellationToken))
            is { } refusal ? refusal : await CreateAsync(new AccountCaller(caller, username), cancellationToken);
    }

    /// <summary>Creates a token. The server never returns its text again.</summary>
    public async Task<Outcome<NewInstallToken>> CreateAsync(AccountCaller caller, CancellationToken cancellationToken) =>
        await CreateAsync(caller.Username, caller.Scope, caller.Actor, cancellationToken);

    public async Task<Outcome<NewInstallToken>> CreateAsync(
        string username, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Set<Account>().In(scope).Where(row => row.Username == username).Select(row => (Guid?)row.Id)
            .SingleOrDefaultAsync(cancellationToken) is not { } accountId)
        {
            return AccountRefusals.NotFound;
        }

        var text = SessionKey.New();
        var now = time.GetUtcNow();
        var stored = new StoredInstallToken
        {
            Id = Guid.CreateVersion7(now),
            AccountId = accountId,
            Hash = SessionKey.HashOf(text),
            CreatedAt = now.UtcDateTime,
            ExpiresAt = (now + Lifetime).UtcDateTime,
            CreatedBy = actor,
        };
        database.Add(stored);
        await database.SaveChangesAsync(cancellationToken);
        return new NewInstallToken(text, stored);
    }

    /// <summary>
    /// Returns the account of a token and marks the token as used; null when it is unknown, used, expired or not for this name.
    /// </summary>
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
                (_, row) => new AccountIdentity(row.Id, row.Username, row.OrganizationId, null, null, row.RequirePasswordChange,
                    !row.PreventsWebAccess)
                {
                    InsteadOfCredential = AccountIdentity.InstallToken,
                })
            .SingleOrDefaultAsync(cancellationToken);
        if (account is null || await isSuspended(account.OrganizationId, cancellationToken))
        {
            return null;
        }

        var used = await database.Set<StoredInstallToken>().Where(row => row.Hash == hash && row.UsedAt == null)
            .ExecuteUpdateAsync(change => change.SetProperty(row => row.UsedAt, now), cancellationToken);
        return used > 0 ? account : null;
    }

    /// <summary>The tokens of an account, the newest first.</summary>
    public async Task<Outcome<Page<InstallTokenInfo>>> ListAsync(AccountCaller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.FindIdAsync(caller, cancellationToken) is not { } accountId)
        {
            return AccountRefusals.NotFound;
        }

        return new Page<InstallTokenInfo>(
            await database.Set<StoredInstallToken>().Where(row => row.AccountId == accountId).OrderByDescending(row => row.Id)
                .Select(row => new InstallTokenInfo(row.Id, row.CreatedAt, row.CreatedBy, row.ExpiresAt, row.UsedAt))
                    .ToListAsync(cancellationToken),
            Next: null);
    }

    /// <summary>Withdraws a token.</summary>
    public async Task<Refusal?> DeleteAsync(AccountCaller caller, Guid tokenId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.FindIdAsync(caller, cancellationToken) is { } accountId
            && await DeleteAsync(accountId, tokenId, cancellationToken)
            ? null
            : Refusal.NotFound("token_not_found", "The account has no install token with this id.");
    }

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
