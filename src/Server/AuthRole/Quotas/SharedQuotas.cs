using System.Security.Cryptography;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Quotas;

/// <summary>Limits that several vaults share, and how much those vaults hold by what clients measured. Clients keep to them.</summary>
internal sealed class SharedQuotas(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, OrganizationDirectory organizations, TimeProvider time)
{
    public async Task<IReadOnlyList<StoredQuota>> ListAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().OrderBy(quota => quota.Id).ToListAsync(cancellationToken);
    }

    public async Task<StoredQuota?> FindAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, scope).AsNoTracking().SingleOrDefaultAsync(quota => quota.Id == id, cancellationToken);
    }

    /// <summary>Bytes in all vaults that share the limit.</summary>
    public async Task<long> UsageAsync(StoredQuota quota, CancellationToken cancellationToken)
    {
        var sum = 0L;
        await foreach (var stored in profiles.ListAsync(TenantScope.Of(quota.OrganizationId), cancellationToken))
        {
            sum += stored.Profile.Destinations.Values.Where(vault => vault.StorageLimitID == quota.Id)
                .Sum(vault => Math.Max(0, vault.Statistics?.ClientProvidedSize.Size ?? 0));
        }

        return sum;
    }

    /// <summary>Makes or changes a limit. With a hash the change is made to exactly that state or not at all.</summary>
    public async Task<QuotaChange> SaveAsync(
        string id, SharedStorageQuota document, string? requiredHash, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        var organization = document.OrganizationID.Length > 0 ? document.OrganizationID : scope.OrganizationId ?? "";
        if (id.Length is 0 or > StoredQuota.LongestId || document.Description.Length > StoredQuota.LongestDescription || document.LimitBytes < 0
            || !scope.Contains(organization) || !organizations.Exists(organization))
        {
            return QuotaChange.Refused("A shared quota has an id of 1 to 64 characters, a limit that is not below zero, and an organization that exists");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var quota = await In(database, scope).AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (requiredHash is not null && requiredHash != quota?.Hash)
        {
            return QuotaChange.Stale;
        }

        var isNew = quota is null;
        if (quota is null)
        {
            quota = new StoredQuota { Id = id, OrganizationId = organization, Hash = "" };
            database.Add(quota);
        }
        else if (document.OrganizationID.Length > 0 && document.OrganizationID != quota.OrganizationId)
        {
            return QuotaChange.Refused("A shared quota cannot move to another organization; make one there");
        }

        (quota.Description, quota.LimitBytes) = (document.Description, document.LimitBytes);
        quota.Hash = RandomNumberGenerator.GetHexString(40, lowercase: true);
        database.Add(EventRecord.Of(
            isNew ? StreamableEventType.SharedQuotaNew : StreamableEventType.SharedQuotaUpdated, time.GetUtcNow(), actor, quota.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return new QuotaChange(quota);
        }
        catch (DbUpdateException error) when (error is DbUpdateConcurrencyException || error.IsUniqueViolation())
        {
            return QuotaChange.Stale;
        }
    }

    /// <summary>Deletes a limit; vaults that shared it have none from then on.</summary>
    public async Task<bool> DeleteAsync(string id, TenantScope scope, string actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        var found = In(database, scope).Where(row => row.Id == id);
        if (await found.Select(row => row.OrganizationId).SingleOrDefaultAsync(cancellationToken) is not { } organization
            || await found.ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        database.Add(EventRecord.Of(StreamableEventType.SharedQuotaRemoved, time.GetUtcNow(), actor, organization, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return true;
    }

    private static IQueryable<StoredQuota> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<StoredQuota>().Where(quota => quota.OrganizationId == organization)
        : database.Set<StoredQuota>();
}

/// <summary>How a change of a shared limit ended: what it is now, or why it was refused.</summary>
internal sealed record QuotaChange(StoredQuota? Value, string? Reason = null)
{
    public static readonly QuotaChange Stale = new(null, "Somebody else has changed the quota, or its id is taken; read it again and repeat the change on it");

    public static QuotaChange Refused(string reason) => new(null, reason);
}

/// <summary>The shared limits of a deleted tenant go with it.</summary>
internal sealed class QuotasOfOrganization : OrganizationPart
{
    public override Task RemoveAsync(ServerDbContext database, OrganizationRemoval removal, CancellationToken cancellationToken) =>
        database.Set<StoredQuota>().Where(quota => quota.OrganizationId == removal.OrganizationId).ExecuteDeleteAsync(cancellationToken);
}
