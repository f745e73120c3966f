using Halley.Protocol.Events;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Groups;

/// <summary>Administrators' operations on groups of accounts: list, create, change name and members, delete.</summary>
internal sealed class UserGroupActions(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, SourceStatusStore statuses, OrganizationCache organizations,
    TimeProvider time)
{
    private static readonly Refusal NotFound = Refusal.NotFound("group_not_found", "There is no group with this id.");
    private static readonly Refusal Taken = Refusal.Conflict("group_exists", "The id is taken; choose another one.");

    /// <summary>The groups of one organization in the caller's scope; of all of them when it is null.</summary>
    public async Task<IReadOnlyList<StoredUserGroup>> ListAsync(Caller caller, string? organizationId, CancellationToken cancellationToken)
    {
        if ((organizationId is null ? caller.Scope : caller.Scope.Narrow(organizationId)) is not { } scope)
        {
            return [];
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().OrderBy(group => group.Id).ToListAsync(cancellationToken);
    }

    public async Task<Outcome<StoredUserGroup>> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, caller.Scope).AsNoTracking().SingleOrDefaultAsync(group => group.Id == id, cancellationToken) is { } group
            ? group
            : NotFound;
    }

    public async Task<IReadOnlyList<string>> MembersAsync(StoredUserGroup group, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().Where(account => account.GroupId == group.Id && account.OrganizationId == group.OrganizationId)
            .OrderBy(account => account.Username).Select(account => account.Username).ToListAsync(cancellationToken);
    }

    public async Task<Dictionary<string, UserProfileConfig>> ProfilesOfMembersAsync(
        StoredUserGroup group, CancellationToken cancellationToken)
    {
        var found = new List<StoredProfile>();
        foreach (var username in await MembersAsync(group, cancellationToken))
        {
            if (await profiles.FindAsync(username, TenantScope.Of(group.OrganizationId), cancellationToken) is { } stored)
            {
                found.Add(stored);
            }
        }

        await statuses.FillAsync(found, cancellationToken);
        return found.ToDictionary(stored => stored.Account.Username, stored => stored.Profile);
    }

    /// <summary>Creates a group, under a chosen id or a random one.</summary>
    public async Task<Outcome<StoredUserGroup>> CreateAsync(
        Caller caller, string? chosenId, string name, string organizationId, CancellationToken cancellationToken)
    {
        var organization = organizationId.Length > 0 ? organizationId : caller.OrganizationId;
        if (!caller.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return Invalid("There is no organization with this id.");
        }

        var id = string.IsNullOrEmpty(chosenId) ? Guid.NewGuid().ToString() : chosenId;
        if (!StoredUserGroup.IsAcceptableName(name) || id.Length > StoredUserGroup.LongestId || id.Any(char.IsControl))
        {
            return Invalid("A group has a name of 1 to 200 characters and an id of at most 64, without control characters.");
        }

        var now = time.GetUtcNow();
        var group = new StoredUserGroup { Id = id, OrganizationId = organization, Name = name, CreatedAt = now.UtcDateTime };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(group);
        database.Add(EventRecord.Of(StreamableEventType.UserGroupNew, now, caller.Name, organization, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return group;
        }
        catch (DbUpdateException error) when (error.IsUniqueViolation())
        {
            return Taken;
        }
    }

    /// <summary>
    /// Changes the name, makes exactly these accounts the members, or both; null stays. An invalid name or an unknown member changes
    /// nothing. After that each profile is saved on its own, so an interrupted call must be repeated.
    /// </summary>
    public async Task<Outcome<StoredUserGroup>> UpdateAsync(
        Caller caller, string id, string? name, IReadOnlyCollection<string>? members, CancellationToken cancellationToken)
    {
        if (name is not null && !StoredUserGroup.IsAcceptableName(name))
        {
            return Invalid("A group has a name of 1 to 200 characters, without control characters.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await In(database, caller.Scope).AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } group)
        {
            return NotFound;
        }

        if (members is not null
            && await SetMembersAsync(caller, group, members.ToHashSet(StringComparer.Ordinal), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        group.Name = name ?? group.Name;
        database.Add(EventRecord.Of(StreamableEventType.UserGroupUpdated, time.GetUtcNow(), caller.Name, group.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return group;
        }
        catch (DbUpdateConcurrencyException)
        {
            return NotFound;
        }
    }

    /// <summary>Deletes a group. Its accounts are then in no group.</summary>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (!(await FindAsync(caller, id, cancellationToken)).TryGet(out var group, out var refusal))
        {
            return refusal;
        }

        // Members first: after an interruption the group still exists and can be deleted again.
        await SetMembersAsync(caller, group, [], cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await In(database, caller.Scope).Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound;
        }

        database.Add(EventRecord.Of(StreamableEventType.UserGroupRemoved, time.GetUtcNow(), caller.Name, group.OrganizationId, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<Refusal?> SetMembersAsync(
        Caller caller, StoredUserGroup group, HashSet<string> usernames, CancellationToken cancellationToken)
    {
        if (await FirstUnknownAsync(usernames, group.OrganizationId, cancellationToken) is { } unknown)
        {
            return Invalid($"There is no user {unknown} in the organization of the group.");
        }

        foreach (var username in usernames)
        {
            await MoveAsync(caller, username, group, profile => profile.GroupID != group.Id, group.Id, cancellationToken);
        }

        foreach (var username in (await MembersAsync(group, cancellationToken)).Where(name => !usernames.Contains(name)))
        {
            await MoveAsync(caller, username, group, profile => profile.GroupID == group.Id, "", cancellationToken);
        }

        return null;
    }

    private Task<Outcome<StoredProfile>> MoveAsync(
        Caller caller, string username, StoredUserGroup group, Func<UserProfileConfig, bool> isDue, string groupId,
        CancellationToken cancellationToken) =>
        profiles.ChangeAsync(
            username,
            TenantScope.Of(group.OrganizationId),
            caller.Name,
            profile =>
            {
                if (!isDue(profile))
                {
                    return AccountRefusals.Unchanged;
                }

                profile.GroupID = groupId;
                return null;
            },
            cancellationToken);

    private async Task<string?> FirstUnknownAsync(HashSet<string> usernames, string organizationId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = await database.Set<Account>()
            .Where(account => account.OrganizationId == organizationId && usernames.Contains(account.Username))
            .Select(account => account.Username).ToListAsync(cancellationToken);
        return usernames.Except(known).FirstOrDefault();
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("group_invalid", reason);

    private static IQueryable<StoredUserGroup> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<StoredUserGroup>().Where(group => group.OrganizationId == organization)
        : database.Set<StoredUserGroup>();
}
