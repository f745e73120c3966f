using Halley.Protocol;
using Halley.Protocol.Administrators;
using Halley.Protocol.Events;
using Halley.Server.Access;
using Halley.Server.Administrators.SecondFactors;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Administrators;

/// <summary>
/// Operations of the server's administrators on each other. At least one administrator with the right to manage the server always remains.
/// </summary>
internal sealed partial class AdministratorActions(
    UserManager<Administrator> users, ServerDbContext database, AdministratorStore store, AdministratorPasswords passwords,
    AdministratorCodes codes, OrganizationCache organizations, TimeProvider time, ILogger<AdministratorActions> logger)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    /// <summary>At most <paramref name="limit"/> administrators, ordered by name, that follow the name <paramref name="after"/>.</summary>
    public async Task<Outcome<List<Administrator>>> ListAsync(
        Caller caller, string? after, int limit, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) is { } refusal ? refusal : await store.ListAsync(after, limit, cancellationToken);

    public async Task<Outcome<Administrator>> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        return await store.FindAsync(id, cancellationToken) is { } found ? found : AdministratorRefusals.NotFound;
    }

    /// <param name="passwordHash">A hash of the current format in place of the password.</param>
    public async Task<Outcome<Administrator>> CreateAsync(
        Caller caller, CreateAdministrator request, CancellationToken cancellationToken, string? passwordHash = null)
    {
        var (username, organizationId) = (request.Username ?? "", request.OrganizationId ?? "");
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        if (!Administrator.IsAcceptableName(username))
        {
            return AdministratorRefusals.Invalid(Administrator.NameRule);
        }

        if (!organizations.Exists(organizationId))
        {
            return AdministratorRefusals.UnknownOrganization;
        }

        var administrator = new Administrator
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserName = username,
            CreatedAt = time.GetUtcNow().UtcDateTime,
            OrganizationId = organizationId,
            Permissions = ToJson(request.Permissions ?? new AdminUserPermissions()),
            RequirePasswordChange = request.MustChangePassword,
            PasswordHash = passwordHash,
        };
        try
        {
            // Saved together with the administrator, because the same context tracks it.
            database.Add(EventOf(StreamableEventType.AdminNew, caller, administrator));
            var result = await (passwordHash is null
                ? users.CreateAsync(administrator, request.Password ?? "") : users.CreateAsync(administrator));
            if (!result.Succeeded)
            {
                database.ChangeTracker.Clear();
                return result.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.DuplicateUserName))
                    ? AdministratorRefusals.NameTaken
                    : AdministratorRefusals.Invalid(string.Join(" ", result.Errors.Select(error => error.Description)));
            }
        }
        catch (DbUpdateException failure) when (failure.IsUniqueViolation())
        {
            return AdministratorRefusals.NameTaken;
        }

        LogAdded(username, caller.Name);
        return administrator;
    }

    /// <summary>
    /// Sets permissions, organization or password; null keeps the present value. Permissions and organization apply from the next request
    /// on. A new password ends all sessions and tokens, and the administrator must change it at the next sign-in.
    /// </summary>
    public async Task<Outcome<Administrator>> UpdateAsync(
        Caller caller, Guid id, UpdateAdministrator changes, CancellationToken cancellationToken, string? passwordHash = null)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        var hash = passwordHash;
        if (changes.Password is { } password
            && !(await passwords.HashAsync(password, cancellationToken)).TryGet(out hash, out var unacceptable))
        {
            return AdministratorRefusals.Invalid(unacceptable.Reason);
        }

        return await ChangeSafelyAsync(
            id,
            administrator =>
            {
                if (id == caller.Id)
                {
                    return AdministratorRefusals.LocksOut("Another administrator must change your own permissions and organization.");
                }

                if (changes.OrganizationId is not null && !organizations.Exists(changes.OrganizationId))
                {
                    return AdministratorRefusals.UnknownOrganization;
                }

                administrator.OrganizationId = changes.OrganizationId ?? administrator.OrganizationId;
                administrator.Permissions = changes.Permissions is { } permissions ? ToJson(permissions) : administrator.Permissions;
                administrator.ConcurrencyStamp = Guid.NewGuid().ToString();
                if (hash is not null)
                {
                    AdministratorPasswords.Set(administrator, hash, mustChange: passwordHash is null);
                }

                database.Add(EventOf(StreamableEventType.AdminUpdated, caller, administrator));
                LogChanged(administrator.UserName!, caller.Name);
                return null;
            },
            hash is null ? null : () =>
                AdministratorPasswords.EndAccessAsync(database, id, except: null, tokensToo: true, cancellationToken),
            cancellationToken);
    }

    public async Task<Refusal?> DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) ?? (await ChangeSafelyAsync(
            id,
            administrator =>
            {
                if (id == caller.Id)
                {
                    return AdministratorRefusals.LocksOut("You cannot delete yourself; another administrator can.");
                }

                database.Remove(administrator);
                database.Add(EventOf(StreamableEventType.AdminRemoved, caller, administrator));
                LogRemoved(administrator.UserName!, caller.Name);
                return null;
            },
            then: null,
            cancellationToken)).Refusal;

    /// <summary>
    /// Removes the authenticator app, the passkeys and the recovery codes of another administrator. The password is enough from then on.
    /// </summary>
    public async Task<Refusal?> RemoveSecondFactorsAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        caller.Lacks(Rights)
        ?? (id == caller.Id
            ? AdministratorRefusals.LocksOut("Your own second factors need the present password; see /api/v2/account.")
            : await codes.RemoveAllAsync(id, caller.Name, cancellationToken));

    // Updating all top-level administrators first serializes concurrent changes. Otherwise two changes could each rely on the row that the
    // other one removes.
    private async Task<Outcome<Administrator>> ChangeSafelyAsync(
        Guid id, Func<Administrator, Refusal?> change, Func<Task>? then, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<Administrator>().Where(row => row.OrganizationId == CallerOrganization.TopLevel).ExecuteUpdateAsync(
            touch => touch.SetProperty(row => row.FailedSignIns, row => row.FailedSignIns), cancellationToken);
        var administrator = await database.Set<Administrator>().AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (administrator is null)
        {
            return AdministratorRefusals.NotFound;
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
            return AdministratorRefusals.ChangedMeanwhile;
        }

        var keys = await database.Set<Administrator>().AsNoTracking().Where(row => row.OrganizationId == CallerOrganization.TopLevel)
            .Select(row => row.Permissions).ToListAsync(cancellationToken);
        if (!keys.Any(permissions => AdministratorPermissions.Parse(permissions).Allow(Requires.EditServerSettings, isTopLevel: true)))
        {
            return AdministratorRefusals.LocksOut("This is the last administrator who may manage the server; make another one first.");
        }

        await (then?.Invoke() ?? Task.CompletedTask);
        await transaction.CommitAsync(cancellationToken);
        return administrator;
    }

    // A round trip through the vendor's own reader replaces a null from the client by an empty list.
    private static string ToJson(AdminUserPermissions permissions)
    {
        permissions.FurtherFields = null;
        return AdministratorPermissions.ToJson(AdministratorPermissions.Parse(AdministratorPermissions.ToJson(permissions)).Flags);
    }

    private EventRecord EventOf(StreamableEventType type, Caller caller, Administrator administrator) =>
        EventRecord.Of(type, time.GetUtcNow(), caller.Name, administrator.OrganizationId, administrator.UserName!);

    [LoggerMessage(LogEvents.AdministratorAdded, LogLevel.Information, "Administrator {Name} made by {Actor}")]
    private partial void LogAdded(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorRemoved, LogLevel.Warning, "Administrator {Name} deleted by {Actor}")]
    private partial void LogRemoved(string name, string actor);

    [LoggerMessage(LogEvents.AdministratorChanged, LogLevel.Information, "Administrator {Name} changed by {Actor}")]
    private partial void LogChanged(string name, string actor);
}
