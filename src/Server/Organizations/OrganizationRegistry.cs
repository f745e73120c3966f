using Halley.Protocol.Comet;
using Halley.Server.Data;
using Halley.Server.Events;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Organizations;

/// <summary>Tenants come, change and go. Who calls has made sure that the caller belongs to the top level, or changes his own tenant.</summary>
internal sealed partial class OrganizationRegistry(
    IDbContextFactory<ServerDbContext> databases, OrganizationDirectory directory, OrganizationDocument documents, IEnumerable<OrganizationPart> parts,
    TimeProvider time, ILogger<OrganizationRegistry> logger)
{
    private const int MostTries = 20;
    private const int MostHosts = 100;

    public async Task<OrganizationChange> CreateAsync(Organization document, string actor, CancellationToken cancellationToken)
    {
        if (Check(document) is { } refusal)
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
        database.Add(EventRecord.Of(StreamableEventType.TenantNew, now, actor, row.Id, row.Id));
        if (!await TrySaveAsync(database, cancellationToken))
        {
            return HostTaken;
        }

        await directory.LoadChangedAsync(cancellationToken);
        LogCreated(row.Id, actor);
        return new OrganizationChange(directory.Find(row.Id));
    }

    /// <summary>Changes a tenant. The edit returns the document to store, the given one or another; it runs again when somebody else was faster.</summary>
    public async Task<OrganizationChange> ChangeAsync(
        string id, string actor, Func<Organization, Organization> edit, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await database.Set<StoredOrganization>().AsTracking().Include(row => row.Hosts)
                .SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            {
                return OrganizationChange.NotFound;
            }

            var document = edit(documents.Read(row));
            if (Check(document) is { } refusal)
            {
                return refusal;
            }

            Put(row, document);
            database.Add(EventRecord.Of(StreamableEventType.TenantUpdated, time.GetUtcNow(), actor, id, id));
            try
            {
                if (!await TrySaveAsync(database, cancellationToken))
                {
                    return HostTaken;
                }

                await directory.LoadChangedAsync(cancellationToken);
                return directory.Find(id) is { } known ? new OrganizationChange(known) : OrganizationChange.NotFound;
            }
            catch (DbUpdateConcurrencyException) when (tries < MostTries)
            {
                // Somebody else was faster: once more on what is stored now.
            }
        }
    }

    /// <summary>Changes how much a tenant's buckets may hold together; in the limits null keeps what is, 0 takes it away.</summary>
    public async Task<OrganizationChange> SetQuotaAsync(string id, string actor, long? soft, long? hard, CancellationToken cancellationToken)
    {
        if (directory.Find(id) is not { } known)
        {
            return OrganizationChange.NotFound;
        }

        if (known.Quota.Change(soft, hard) is not { } limits)
        {
            return OrganizationChange.Refused("quota_invalid", QuotaLimits.Rule);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.Set<StoredOrganization>().Where(row => row.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.SoftQuotaBytes, limits.SoftBytes).SetProperty(row => row.HardQuotaBytes, limits.HardBytes)
                .SetProperty(row => row.Version, Guid.NewGuid()), cancellationToken);
        database.Add(EventRecord.Of(StreamableEventType.TenantUpdated, time.GetUtcNow(), actor, id, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        await directory.LoadChangedAsync(cancellationToken);
        return directory.Find(id) is { } changed ? new OrganizationChange(changed) : OrganizationChange.NotFound;
    }

    /// <summary>Deletes a tenant with its users and administrators. Its buckets stay: the top level has them from then on.</summary>
    public async Task<bool> DeleteAsync(string id, string actor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var all = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.Set<StoredOrganization>().Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        foreach (var part in parts)
        {
            await part.RemoveAsync(database, new OrganizationRemoval(id, actor, now), cancellationToken);
        }

        database.Add(EventRecord.Of(StreamableEventType.TenantRemoved, now, actor, id, id));
        await database.SaveChangesAsync(cancellationToken);
        await all.CommitAsync(cancellationToken);
        await directory.LoadChangedAsync(cancellationToken);
        LogDeleted(id, actor);
        return true;
    }

    private static OrganizationChange HostTaken { get; } =
        OrganizationChange.Refused("host_taken", "Another organization has one of the hosts; each host belongs to one alone.", isConflict: true);

    private static OrganizationChange? Check(Organization document)
    {
        if (document.Name.Length > StoredOrganization.LongestName || document.Name.Any(char.IsControl))
        {
            return OrganizationChange.Refused("name_invalid", $"A name has at most {StoredOrganization.LongestName} characters, without control characters.");
        }

        var hosts = document.Hosts.Select(HostNames.Normalize).ToList();
        if (hosts.Count > MostHosts || hosts.Contains(null))
        {
            return OrganizationChange.Refused("host_invalid", $"{HostNames.Rule} An organization has at most {MostHosts}.");
        }

        document.Hosts = [.. hosts.Select(host => host!).Distinct()];
        return null;
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
