using Halley.Protocol;
using Halley.Protocol.Events;
using Halley.Protocol.Organizations;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Organizations;

/// <summary>Operations of the server's administrators on organizations, and of an organization's administrators on their own.</summary>
internal sealed partial class OrganizationActions(
    IDbContextFactory<ServerDbContext> databases, OrganizationCache cache, OrganizationDocument documents,
    IEnumerable<OrganizationPart> parts, IEnumerable<OrganizationRule> rules, ClientRemover clients, TimeProvider time,
    ILogger<OrganizationActions> logger)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;
    private const int MostTries = 20;
    private const int MostHosts = 100;

    private static readonly Refusal NotFound = Refusal.NotFound("organization_not_found", "There is no organization with this id.");

    private static readonly Refusal HostTaken = Refusal.Conflict(
        "host_taken", "Another organization has one of the hosts; each host belongs to one alone.");

    public Outcome<KnownOrganization> Find(Caller caller, string id) =>
        caller.Lacks(Requires.TopLevel) ?? (cache.Find(id) is { } known ? known : (Outcome<KnownOrganization>)NotFound);

    public async Task<Outcome<KnownOrganization>> CreateAsync(Caller caller, Organization document, CancellationToken cancellationToken)
    {
        if ((caller.Lacks(Rights) ?? Check(document)) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var row = new StoredOrganization
        {
            Id = Guid.NewGuid().ToString(),
            CreatedAt = now.UtcDateTime,
            Document = [],
        };
        Put(row, document);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        database.Add(row);
        database.Add(EventRecord.Of(StreamableEventType.TenantNew, now, caller.Name, row.Id, row.Id));
        if (!await TrySaveAsync(database, cancellationToken))
        {
            return HostTaken;
        }

        await cache.LoadChangedAsync(cancellationToken);
        LogCreated(row.Id, caller.Name);
        return cache.Find(row.Id) is { } known ? known : NotFound;
    }

    /// <summary>Changes name, hosts, suspension and quota. Null keeps the present value, and 0 removes a quota.</summary>
    public async Task<Outcome<KnownOrganization>> UpdateAsync(
        Caller caller, string id, UpdateOrganization changes, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) is { } refusal
            ? refusal
            : await ChangeAsync(
                caller,
                id,
                (row, document) =>
                {
                    if (new QuotaLimits(row.SoftQuotaBytes, row.HardQuotaBytes).Change(changes.SoftQuotaBytes, changes.HardQuotaBytes)
                        is not { } limits)
                    {
                        return Refusal.Invalid("quota_invalid", QuotaLimits.Rule);
                    }

                    (row.SoftQuotaBytes, row.HardQuotaBytes) = (limits.SoftBytes, limits.HardBytes);
                    document.Name = changes.Name ?? document.Name;
                    document.Hosts = changes.Hosts is { } hosts ? [.. hosts] : document.Hosts;
                    document.IsSuspended = changes.Suspended ?? document.IsSuspended;
                    return document;
                },
                cancellationToken);

    /// <summary>Replaces the vendor's document; null stores the present one again.</summary>
    public async Task<Outcome<KnownOrganization>> ReplaceAsync(
        Caller caller, string id, Organization? document, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) is { } refusal
            ? refusal
            : await ChangeAsync(caller, id, (_, stored) => document ?? stored, cancellationToken);

    /// <summary>Changes a part of the caller's own organization's document. The calling method must check the right to that part.</summary>
    public async Task<Refusal?> ChangeOwnAsync(Caller caller, Action<Organization> edit, CancellationToken cancellationToken) =>
        (await ChangeAsync(
            caller,
            caller.OrganizationId,
            (_, document) =>
            {
                edit(document);
                return document;
            },
            cancellationToken)).Refusal;

    /// <summary>Deletes an organization with its users and administrators. Its buckets move to the top level.</summary>
    /// <param name="removal">Also removes the client from connected devices; null leaves it there.</param>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken, ClientRemoval? removal = null)
    {
        if (caller.Lacks(Rights) is { } refusal)
        {
            return refusal;
        }

        if (removal is not null && cache.Find(id) is not null)
        {
            await clients.RemoveAsync(id, username: null, removal, cancellationToken);
        }

        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var all = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.Set<StoredOrganization>().Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound;
        }

        foreach (var part in parts)
        {
            await part.RemoveAsync(database, new OrganizationRemoval(id, caller.Name, now), cancellationToken);
        }

        database.Add(EventRecord.Of(StreamableEventType.TenantRemoved, now, caller.Name, id, id));
        await database.SaveChangesAsync(cancellationToken);
        await all.CommitAsync(cancellationToken);
        await cache.LoadChangedAsync(cancellationToken);
        LogDeleted(id, caller.Name);
        return null;
    }

    // The edit returns the document to store. It runs again if a concurrent change was saved first.
    private async Task<Outcome<KnownOrganization>> ChangeAsync(
        Caller caller, string id, Func<StoredOrganization, Organization, Outcome<Organization>> edit, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await database.Set<StoredOrganization>().AsTracking().Include(row => row.Hosts)
                .SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            {
                return NotFound;
            }

            if (!edit(row, documents.Read(row)).TryGet(out var document, out var refusal))
            {
                return refusal;
            }

            if (Check(document) is { } wrong)
            {
                return wrong;
            }

            Put(row, document);
            database.Add(EventRecord.Of(StreamableEventType.TenantUpdated, time.GetUtcNow(), caller.Name, id, id));
            try
            {
                if (!await TrySaveAsync(database, cancellationToken))
                {
                    return HostTaken;
                }

                await cache.LoadChangedAsync(cancellationToken);
                return cache.Find(id) is { } known ? known : NotFound;
            }
            catch (DbUpdateConcurrencyException) when (tries < MostTries)
            {
                // Changed by somebody else: try again on the stored row.
            }
        }
    }

    private Refusal? Check(Organization document)
    {
        if (document.Name.Length > StoredOrganization.LongestName || document.Name.Any(char.IsControl))
        {
            return Refusal.Invalid(
                "name_invalid", $"A name has at most {StoredOrganization.LongestName} characters, without control characters.");
        }

        var hosts = document.Hosts.Select(HostNames.Normalize).ToList();
        if (hosts.Count > MostHosts || hosts.Contains(null))
        {
            return Refusal.Invalid("host_invalid", $"{HostNames.Rule} An organization has at most {MostHosts}.");
        }

        document.Hosts = [.. hosts.Select(host => host!).Distinct()];
        return rules.Select(rule => rule.Check(document)).FirstOrDefault(reason => reason is not null) is { } reason
            ? Refusal.Invalid("organization_invalid", reason)
            : null;
    }

    private void Put(StoredOrganization row, Organization document)
    {
        row.Name = document.Name;
        row.IsSuspended = document.IsSuspended;
        row.Version = Guid.NewGuid();
        row.Document = documents.Seal(document);
        row.Hosts.RemoveAll(host => !document.Hosts.Contains(host.Name));
        row.Hosts.AddRange(document.Hosts.Except(row.Hosts.Select(host => host.Name))
            .Select(name => new OrganizationHost { Name = name, OrganizationId = row.Id }));
    }

    private static async Task<bool> TrySaveAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            return false;
        }
    }

    [LoggerMessage(LogEvents.OrganizationCreated, LogLevel.Information, "Organization {Organization} was created by {Actor}")]
    private partial void LogCreated(string organization, string actor);

    [LoggerMessage(LogEvents.OrganizationDeleted, LogLevel.Information, "Organization {Organization} was deleted by {Actor}")]
    private partial void LogDeleted(string organization, string actor);
}
