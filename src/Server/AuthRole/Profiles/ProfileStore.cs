using System.Runtime.CompilerServices;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Devices;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// Reads and changes profiles. Every change goes through <see cref="ChangeAsync"/>: it compares the hash, keeps the old version, writes the
/// event, and lets only one of two writers at the same time succeed.
/// </summary>
internal sealed class ProfileStore(
    IDbContextFactory<ServerDbContext> databases, ProfileDocument documents, PolicyApplication policies, TimeProvider time)
{
    private const int MostTries = 20;

    public async Task<StoredProfile?> FindAsync(string username, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var account = await FindAsync(database.Set<Account>().AsNoTracking(), username, scope, cancellationToken);
        return account is null ? null : new StoredProfile(account, documents.Read(account));
    }

    /// <summary>All profiles of a scope by username, one at a time: ten thousand of them are not held in memory.</summary>
    public async IAsyncEnumerable<StoredProfile> ListAsync(TenantScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var account in database.Set<Account>().AsNoTracking().In(scope).OrderBy(account => account.Username)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return new StoredProfile(account, documents.Read(account));
        }
    }

    /// <summary>
    /// Changes a profile. The edit changes the document it is given and returns why it refuses, or null. With a required hash the change is
    /// made to exactly that state or not at all; without one it runs again when somebody else was faster.
    /// </summary>
    public Task<ProfileChange> ChangeAsync(
        string username, TenantScope scope, string? requiredHash, string actor, Func<UserProfileConfig, string?> edit, CancellationToken cancellationToken) =>
        ChangeAsync(username, scope, requiredHash, actor, (_, profile) => edit(profile), cancellationToken);

    /// <summary>The same for whoever may really delete some of the protected items that the policy gives, by their ids there.</summary>
    public Task<ProfileChange> ChangeAsync(
        string username, TenantScope scope, string? requiredHash, string actor, Func<UserProfileConfig, string?> edit,
        IReadOnlyCollection<string> deletions, CancellationToken cancellationToken) =>
        ChangeAsync(username, scope, requiredHash, actor, (_, profile) => edit(profile), deletions, cancellationToken);

    /// <summary>The same for edits that also change columns that only the server may, such as the hash of the password.</summary>
    public Task<ProfileChange> ChangeAsync(
        string username, TenantScope scope, string? requiredHash, string actor, Func<Account, UserProfileConfig, string?> edit,
        CancellationToken cancellationToken) =>
        ChangeAsync(username, scope, requiredHash, actor, edit, [], cancellationToken);

    /// <summary>The same for whoever may really delete some of the protected items that the policy gives, by their ids there.</summary>
    public async Task<ProfileChange> ChangeAsync(
        string username, TenantScope scope, string? requiredHash, string actor, Func<Account, UserProfileConfig, string?> edit,
        IReadOnlyCollection<string> deletions, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await FindAsync(database.Set<Account>().AsTracking(), username, scope, cancellationToken) is not { } account)
            {
                return ProfileChange.NotFound;
            }

            var hash = account.ProfileHash;
            if (requiredHash is not null && requiredHash != hash)
            {
                return ProfileChange.Stale;
            }

            var previous = account.Profile;
            var profile = documents.Read(account);
            if ((edit(account, profile) ?? await policies.ApplyAsync(database, account, profile, deletions, cancellationToken)) is { } refusal)
            {
                return ProfileChange.Refused(refusal);
            }

            if (await TrySaveAsync(database, account, profile, hash, previous, actor, cancellationToken))
            {
                return new ProfileChange(ProfileChangeResult.Saved, new StoredProfile(account, documents.Read(account)));
            }

            if (requiredHash is not null || tries == MostTries)
            {
                return ProfileChange.Stale;
            }
        }
    }

    private async Task<bool> TrySaveAsync(
        ServerDbContext database, Account account, UserProfileConfig profile, string hash, byte[] previous, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        database.Add(new ProfileVersion
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account.Id,
            Hash = hash,
            SavedAt = account.ProfileSavedAt,
            SavedBy = actor,
            Document = previous,
        });
        database.Add(EventRecord.Of(StreamableEventType.AccountUpdated, now, actor, account.OrganizationId, account.Username));
        await DeviceRows.FollowAsync(database, account, profile, actor, now, cancellationToken);
        documents.Write(account, profile, now.UtcDateTime);
        // The hash is the concurrency token: the update finds its row only while nobody else has saved.
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
            // The row of a device that somebody else has just registered; his save was faster as well.
            return false;
        }

        await database.Set<ProfileVersion>()
            .Where(version => version.AccountId == account.Id)
            .OrderByDescending(version => version.Id)
            .Skip(ProfileVersion.Kept)
            .ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    private static Task<Account?> FindAsync(IQueryable<Account> accounts, string username, TenantScope scope, CancellationToken cancellationToken) =>
        accounts.In(scope).SingleOrDefaultAsync(account => account.Username == username, cancellationToken);
}
