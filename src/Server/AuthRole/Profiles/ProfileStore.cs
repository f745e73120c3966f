using System.Runtime.CompilerServices;
using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Sessions;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// Reads and changes profiles. Every change goes through <c>ChangeAsync</c>: it compares the hash, keeps the old version, writes the event,
/// and lets only one of two concurrent writers succeed.
/// </summary>
internal sealed class ProfileStore(
    IDbContextFactory<ServerDbContext> databases, ProfileDocument documents, IEnumerable<ProfilePart> parts, AccountSessions sessions,
    TimeProvider time)
{
    private const int MaximumTries = 20;

    public async Task<StoredProfile?> FindAsync(string username, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var account = await FindAsync(database.Set<Account>().AsNoTracking(), username, scope, cancellationToken);
        return account is null ? null : new StoredProfile(account, documents.Read(account));
    }

    /// <summary>All profiles of a scope by username, one at a time: ten thousand of them are never in memory together.</summary>
    public async IAsyncEnumerable<StoredProfile> ListAsync(TenantScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var account in database.Set<Account>().AsNoTracking().In(scope).OrderBy(account => account.Username)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return new StoredProfile(account, documents.Read(account));
        }
    }

    /// <summary>The same for work that is done for all: a profile that cannot be read is one failure, and the others follow.</summary>
    public async IAsyncEnumerable<StoredProfile> ListAsync(
        TenantScope scope, OneByOne work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var account in database.Set<Account>().AsNoTracking().In(scope).OrderBy(account => account.Username)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            StoredProfile? stored = null;
            await work.TryAsync($"Profile of account {account.Id}", () =>
            {
                stored = new StoredProfile(account, documents.Read(account));
                return Task.CompletedTask;
            });
            if (stored is not null)
            {
                yield return stored;
            }
        }
    }

    /// <summary>Stores a new account with its profile.</summary>
    public async Task<Outcome<StoredProfile>> CreateAsync(
        Account account, UserProfileConfig profile, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var save = new ProfileSave(account, profile, [], actor, now, IsNew: true);
        database.Add(EventRecord.Of(StreamableEventType.AccountNew, now, actor, account.OrganizationId, account.Username));
        if (await SavePartsAsync(database, save, cancellationToken) is { } reason)
        {
            return AccountRefusals.Invalid(reason);
        }

        documents.Write(account, profile, now.UtcDateTime);
        database.Add(account);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.IsUniqueViolation())
        {
            return AccountRefusals.NameTaken;
        }

        return new StoredProfile(account, documents.Read(account));
    }

    /// <summary>Changes only the document of a profile; see the other overload.</summary>
    public Task<Outcome<StoredProfile>> ChangeAsync(
        string username, TenantScope scope, string actor, Func<UserProfileConfig, Refusal?> edit, CancellationToken cancellationToken,
        string? requiredHash = null) =>
        ChangeAsync(username, scope, requiredHash, actor, (_, profile) => edit(profile), [], cancellationToken);

    /// <summary>
    /// Changes a profile. The edit changes the document, and columns that only the server may change. It returns its refusal, or null. With
    /// a required hash the change applies to exactly that state or not at all. Without one the edit runs again when another writer was
    /// faster. An account that the change suspends loses its sessions.
    /// </summary>
    /// <param name="deletions">Protected items of the policy that the change may really delete, by their ids there.</param>
    public Task<Outcome<StoredProfile>> ChangeAsync(
        AccountCaller caller, string? requiredHash, Func<Account, UserProfileConfig, Refusal?> edit, CancellationToken cancellationToken,
        IReadOnlyCollection<string>? deletions = null) =>
        ChangeAsync(caller.Username, caller.Scope, requiredHash, caller.Actor, edit, deletions ?? [], cancellationToken);

    private async Task<Outcome<StoredProfile>> ChangeAsync(
        string username, TenantScope scope, string? requiredHash, string actor, Func<Account, UserProfileConfig, Refusal?> edit,
        IReadOnlyCollection<string> deletions, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await FindAsync(database.Set<Account>().AsTracking(), username, scope, cancellationToken) is not { } account)
            {
                return AccountRefusals.NotFound;
            }

            if (requiredHash is not null && requiredHash != account.ProfileHash)
            {
                return AccountRefusals.Stale;
            }

            var (wasSuspended, passwordBefore) = (account.IsSuspended, account.PasswordHash);
            var save = new ProfileSave(account, documents.Read(account), deletions, actor, time.GetUtcNow(), IsNew: false);
            if (edit(account, save.Profile) is { } refusal)
            {
                return refusal;
            }

            database.Add(EventRecord.Of(StreamableEventType.AccountUpdated, save.Now, actor, account.OrganizationId, username));
            if (account.PasswordHash != passwordBefore)
            {
                database.Add(EventRecord.Of(
                    StreamableEventType.AccountPasswordChanged, save.Now, actor, account.OrganizationId, username));
            }

            if (await SavePartsAsync(database, save, cancellationToken) is { } reason)
            {
                return AccountRefusals.InvalidProfile(reason);
            }

            if (await TrySaveAsync(database, save, cancellationToken))
            {
                if (account.IsSuspended && !wasSuspended)
                {
                    await sessions.EndAllAsync(account.Id, except: null, actor, cancellationToken);
                }

                return new StoredProfile(account, documents.Read(account));
            }

            if (requiredHash is not null || tries == MaximumTries)
            {
                return AccountRefusals.Stale;
            }
        }
    }

    private async Task<string?> SavePartsAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken)
    {
        foreach (var part in parts)
        {
            if (await part.SaveAsync(database, save, cancellationToken) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private async Task<bool> TrySaveAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken)
    {
        var (account, hash) = (save.Account, save.Account.ProfileHash);
        database.Add(new ProfileVersion
        {
            Id = Guid.CreateVersion7(save.Now),
            AccountId = account.Id,
            Hash = hash,
            SavedAt = account.ProfileSavedAt,
            SavedBy = save.Actor,
            Document = account.Profile,
        });
        documents.Write(account, save.Profile, save.Now.UtcDateTime);

        // The hash is the concurrency token: the update finds its row only while no other writer has saved.
        database.Entry(account).Property(row => row.ProfileHash).OriginalValue = hash;
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
        catch (DbUpdateException error) when (error.IsUniqueViolation())
        {
            // Another writer added the row of the same device a moment ago, so it was faster as well.
            return false;
        }

        await database.Set<ProfileVersion>()
            .Where(version => version.AccountId == account.Id)
            .OrderByDescending(version => version.Id)
            .Skip(ProfileVersion.Kept)
            .ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    private static Task<Account?> FindAsync(
        IQueryable<Account> accounts, string username, TenantScope scope, CancellationToken cancellationToken) =>
        accounts.In(scope).SingleOrDefaultAsync(account => account.Username == username, cancellationToken);
}
