using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Groups;

/// <summary>Groups of accounts come, get names and members, and go. Deleting one leaves its accounts without a group.</summary>
internal sealed class UserGroups(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, OrganizationDirectory organizations, TimeProvider time)
{
    public async Task<IReadOnlyList<StoredUserGroup>> ListAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().OrderBy(group => group.Id).ToListAsync(cancellationToken);
    }

    public async Task<StoredUserGroup?> FindAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().SingleOrDefaultAsync(group => group.Id == id, cancellationToken);
    }

    public async Task<IReadOnlyList<string>> MembersAsync(StoredUserGroup group, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().Where(account => account.GroupId == group.Id && account.OrganizationId == group.OrganizationId)
            .OrderBy(account => account.Username).Select(account => account.Username).ToListAsync(cancellationToken);
    }

    /// <summary>Makes a group, under a chosen id or a random one.</summary>
    public async Task<GroupChange> CreateAsync(
        string? chosenId, string name, string organizationId, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        var organization = organizationId.Length > 0 ? organizationId : scope.OrganizationId ?? "";
        if (!scope.Contains(organization) || !organizations.Exists(organization))
        {
            return GroupChange.Refused("There is no organization with this id.");
        }

        var id = string.IsNullOrEmpty(chosenId) ? Guid.NewGuid().ToString() : chosenId;
        if (!StoredUserGroup.IsAcceptableName(name) || id.Length > StoredUserGroup.LongestId || id.Any(char.IsControl))
        {
            return GroupChange.Refused("A group has a name of 1 to 200 characters and an id of at most 64, without control characters.");
        }

        var now = time.GetUtcNow();
        var group = new StoredUserGroup { Id = id, OrganizationId = organization, Name = name, CreatedAt = now.UtcDateTime };
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(group);
        database.Add(EventRecord.Of(StreamableEventType.UserGroupNew, now, actor, organization, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return new GroupChange(group);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            return GroupChange.Taken;
        }
    }

    public async Task<GroupChange> RenameAsync(string id, string name, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        if (!StoredUserGroup.IsAcceptableName(name))
        {
            return GroupChange.Refused("A group has a name of 1 to 200 characters, without control characters.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await In(database, scope).AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } group)
        {
            return GroupChange.NotFound;
        }

        group.Name = name;
        database.Add(EventRecord.Of(StreamableEventType.UserGroupUpdated, time.GetUtcNow(), actor, group.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return new GroupChange(group);
        }
        catch (DbUpdateConcurrencyException)
        {
            return GroupChange.NotFound;
        }
    }

    /// <summary>
    /// Makes exactly these accounts the members. Nothing changes when one of them is unknown; each profile is then saved by itself, so a call
    /// that was interrupted is repeated.
    /// </summary>
    public async Task<GroupChange> SetMembersAsync(
        string id, IReadOnlyCollection<string> usernames, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, scope, cancellationToken) is not { } group)
        {
            return GroupChange.NotFound;
        }

        var wanted = usernames.ToHashSet(StringComparer.Ordinal);
        if (await FirstUnknownAsync(wanted, group.OrganizationId, cancellationToken) is { } unknown)
        {
            return GroupChange.Refused($"There is no user {unknown} in the organization of the group.");
        }

        foreach (var username in wanted)
        {
            await MoveAsync(username, group.OrganizationId, profile => profile.GroupID != id, id, actor, cancellationToken);
        }

        foreach (var username in (await MembersAsync(group, cancellationToken)).Where(name => !wanted.Contains(name)))
        {
            await MoveAsync(username, group.OrganizationId, profile => profile.GroupID == id, "", actor, cancellationToken);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(EventRecord.Of(StreamableEventType.UserGroupUpdated, time.GetUtcNow(), actor, group.OrganizationId, id));
        await database.SaveChangesAsync(cancellationToken);
        return new GroupChange(group);
    }

    public async Task<bool> DeleteAsync(string id, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, scope, cancellationToken) is not { } group)
        {
            return false;
        }

        // Members first: when this is interrupted, the group is still there to be deleted again.
        foreach (var username in await MembersAsync(group, cancellationToken))
        {
            await MoveAsync(username, group.OrganizationId, profile => profile.GroupID == id, "", actor, cancellationToken);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await In(database, scope).Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        database.Add(EventRecord.Of(StreamableEventType.UserGroupRemoved, time.GetUtcNow(), actor, group.OrganizationId, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return true;
    }

    private Task<Outcome<StoredProfile>> MoveAsync(
        string username, string organizationId, Func<UserProfileConfig, bool> isDue, string groupId, string actor, CancellationToken cancellationToken) =>
        profiles.ChangeAsync(
            username,
            TenantScope.Of(organizationId),
            actor,
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
        var known = await database.Set<Account>().Where(account => account.OrganizationId == organizationId && usernames.Contains(account.Username))
            .Select(account => account.Username).ToListAsync(cancellationToken);
        return usernames.Except(known).FirstOrDefault();
    }

    private static IQueryable<StoredUserGroup> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<StoredUserGroup>().Where(group => group.OrganizationId == organization)
        : database.Set<StoredUserGroup>();
}
