using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Hosting;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>All administrators, and who may be made or deleted. One of the server itself always stays, or nobody could come back in.</summary>
internal sealed partial class AdministratorDirectory(
    UserManager<Administrator> users, ServerDbContext database, OrganizationDirectory organizations, TimeProvider time,
    ILogger<AdministratorDirectory> logger)
{
    /// <summary>Those a caller may see, by name; <paramref name="after"/> is the name behind which the list begins.</summary>
    public async Task<List<Administrator>> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var start = after is not null && Administrator.IsAcceptableName(after) ? users.NormalizeName(after) : "";
        var rows = database.Set<Administrator>().AsNoTracking();
        if (start.Length > 0)
        {
            rows = rows.Where(row => row.NormalizedUserName!.CompareTo(start) > 0);
        }

        return await rows.OrderBy(row => row.NormalizedUserName).Take(limit).ToListAsync(cancellationToken);
    }

    public Task<Administrator?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.Set<Administrator>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    public async Task<Administrator?> FindAsync(string username, CancellationToken cancellationToken)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return null;
        }

        var name = users.NormalizeName(username);
        return await database.Set<Administrator>().AsNoTracking().SingleOrDefaultAsync(row => row.NormalizedUserName == name, cancellationToken);
    }

    public async Task<AdministratorChange> CreateAsync(
        AdministratorIdentity caller, string username, string password, string organizationId, AdminUserPermissions permissions, bool mustChangePassword,
        CancellationToken cancellationToken)
    {
        if (!Administrator.IsAcceptableName(username))
        {
            return AdministratorChange.Invalid("A name has 1 to 255 characters and no spaces at its ends.");
        }

        if (!organizations.Exists(organizationId))
        {
            return AdministratorChange.UnknownOrganization;
        }

        var administrator = new Administrator
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserName = username,
            CreatedAt = time.GetUtcNow().UtcDateTime,
            OrganizationId = organizationId,
            Permissions = AdministratorPermissions.ToJson(permissions),
            RequirePasswordChange = mustChangePassword,
        };
        try
        {
            // Tracked by the same context, so it is saved together with the administrator.
            database.Add(EventOf(StreamableEventType.AdminNew, caller, administrator));
            var result = await users.CreateAsync(administrator, password);
            if (!result.Succeeded)
            {
                database.ChangeTracker.Clear();
                return result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.DuplicateUserName))
                    ? NameTaken
                    : AdministratorChange.Invalid(string.Join(" ", result.Errors.Select(error => error.Description)));
            }
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return NameTaken;
        }

        LogAdded(username, caller.Username);
        return new AdministratorChange(administrator);
    }

    /// <summary>Gives other permissions, or another organization; null leaves them as they are. Both count from the next request on.</summary>
    public Task<AdministratorChange> ChangeAsync(
        AdministratorIdentity caller, Guid id, string? organizationId, AdminUserPermissions? permissions, CancellationToken cancellationToken) =>
        ChangeSafelyAsync(
            id,
            administrator =>
            {
                if (id == caller.Id)
                {
                    return AdministratorChange.LocksOut("Your own permissions and organization are for another administrator to change.");
                }

                if (organizationId is not null && !organizations.Exists(organizationId))
                {
                    return AdministratorChange.UnknownOrganization;
                }

                administrator.OrganizationId = organizationId ?? administrator.OrganizationId;
                administrator.Permissions = permissions is null ? administrator.Permissions : AdministratorPermissions.ToJson(permissions);
                administrator.ConcurrencyStamp = Guid.NewGuid().ToString();
                database.Add(EventOf(StreamableEventType.AdminUpdated, caller, administrator));
                LogChanged(administrator.UserName!, caller.Username);
                return null;
            },
            cancellationToken);

    public Task<AdministratorChange> DeleteAsync(AdministratorIdentity caller, Guid id, CancellationToken cancellationToken) =>
        ChangeSafelyAsync(
            id,
            administrator =>
            {
                if (id == caller.Id)
                {
                    return AdministratorChange.LocksOut("You cannot delete yourself; another administrator can.");
                }

                database.Remove(administrator);
                database.Add(EventOf(StreamableEventType.AdminRemoved, caller, administrator));
                LogRemoved(administrator.UserName!, caller.Username);
                return null;
            },
            cancellationToken);

    // Touching all top-level administrators first makes two such changes wait for each other, so that not each relies on the other's row.
    private async Task<AdministratorChange> ChangeSafelyAsync(
        Guid id, Func<Administrator, AdministratorChange?> change, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<Administrator>().Where(row => row.OrganizationId == CallerOrganization.TopLevel).ExecuteUpdateAsync(
            touch => touch.SetProperty(row => row.AccessFailedCount, row => row.AccessFailedCount), cancellationToken);
        var administrator = await database.Set<Administrator>().AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (administrator is null)
        {
            return AdministratorChange.NotFound;
        }

        if (change(administrator) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new AdministratorChange(null, AdministratorRefusal.Busy, "The administrator was changed at the same moment; try again.");
        }

        var keys = await database.Set<Administrator>().AsNoTracking().Where(row => row.OrganizationId == CallerOrganization.TopLevel)
            .Select(row => row.Permissions).ToListAsync(cancellationToken);
        if (!keys.Any(permissions => AdministratorPermissions.Parse(permissions).Allow(Requires.EditServerSettings, isTopLevel: true)))
        {
            return AdministratorChange.LocksOut("This is the last administrator who may manage the server; make another one first.");
        }

        await transaction.CommitAsync(cancellationToken);
        return new AdministratorChange(administrator);
    }

    private static AdministratorChange NameTaken =>
        new(null, AdministratorRefusal.NameTaken, "There is an administrator of this name already.");

    private EventRecord EventOf(StreamableEventType type, AdministratorIdentity caller, Administrator administrator) =>
        EventRecord.Of(type, time.GetUtcNow(), caller.Username, administrator.OrganizationId, administrator.UserName!);

    [LoggerMessage(LogEvents.AdministratorAdded, LogLevel.Information, "Administrator {Name} made by {Actor}")]
    private partial void LogAdded(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorRemoved, LogLevel.Warning, "Administrator {Name} deleted by {Actor}")]
    private partial void LogRemoved(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorChanged, LogLevel.Information, "Permissions or organization of administrator {Name} changed by {Actor}")]
    private partial void LogChanged(string name, string actor);
}
