using System.Security.Cryptography;
using Halley.Protocol.Events;
using Halley.Protocol.Policies;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.Quotas;

/// <summary>
/// Administrators' operations on limits that several vaults share. The usage is the sum of the clients' measurements of those vaults.
/// Clients enforce the limit.
/// </summary>
internal sealed class SharedQuotaActions(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, OrganizationCache organizations, TimeProvider time)
{
    private static readonly Refusal NotFound = Refusal.NotFound("shared_quota_not_found", "There is no shared quota with this id.");
    private static readonly Refusal Stale = Refusal.Stale(
        "shared_quota_changed", "The quota has been changed in the meantime, or its id is taken; read it again and repeat the change.");

    public async Task<IReadOnlyList<StoredQuota>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, caller.Scope).AsNoTracking().OrderBy(quota => quota.Id).ToListAsync(cancellationToken);
    }

    public async Task<Outcome<StoredQuota>> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await In(database, caller.Scope).AsNoTracking().SingleOrDefaultAsync(quota => quota.Id == id, cancellationToken) is { } quota
            ? quota
            : NotFound;
    }

    /// <summary>Bytes in all vaults that share the limit.</summary>
    public async Task<long> UsageAsync(StoredQuota quota, CancellationToken cancellationToken)
    {
        var sum = 0L;
        await foreach (var stored in profiles.ListAsync(TenantScope.Of(quota.OrganizationId), cancellationToken))
        {
            sum += stored.Profile.Destinations.Values.Where(vault => vault.StorageLimitID == quota.Id)
                .Sum(vault => Math.Max(0, vault.Statistics.ClientProvidedSize.Size));
        }

        return sum;
    }

    /// <summary>Creates or changes a limit. With a hash the change is made to exactly that state or not at all.</summary>
    public async Task<Outcome<StoredQuota>> SaveAsync(
        Caller caller, string id, SharedStorageQuota document, string? requiredHash, CancellationToken cancellationToken)
    {
        var organization = document.OrganizationID.Length > 0 ? document.OrganizationID : caller.OrganizationId;
        if (id.Length is 0 or > StoredQuota.LongestId || document.Description.Length > StoredQuota.LongestDescription
            || document.LimitBytes < 0
            || !caller.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return Invalid(
                "A shared quota has an id of 1 to 64 characters, a limit that is not below zero, and an organization that exists");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var quota = await In(database, caller.Scope).AsTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (requiredHash is not null && requiredHash != quota?.Hash)
        {
            return Stale;
        }

        var isNew = quota is null;
        if (quota is null)
        {
            quota = new StoredQuota { Id = id, OrganizationId = organization, Hash = "" };
            database.Add(quota);
        }
        else if (document.OrganizationID.Length > 0 && document.OrganizationID != quota.OrganizationId)
        {
            return Invalid("A shared quota cannot move to another organization; create one there");
        }

        (quota.Description, quota.LimitBytes) = (document.Description, document.LimitBytes);
        quota.Hash = RandomNumberGenerator.GetHexString(40, lowercase: true);
        database.Add(EventRecord.Of(
            isNew ? StreamableEventType.SharedQuotaNew : StreamableEventType.SharedQuotaUpdated, time.GetUtcNow(), caller.Name,
            quota.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return quota;
        }
        catch (DbUpdateException error) when (error is DbUpdateConcurrencyException || error.IsUniqueViolation())
        {
            return Stale;
        }
    }

    /// <summary>Deletes a limit. The vaults that shared it have none from then on.</summary>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        var found = In(database, caller.Scope).Where(row => row.Id == id);
        if (await found.Select(row => row.OrganizationId).SingleOrDefaultAsync(cancellationToken) is not { } organization
            || await found.ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return NotFound;
        }

        database.Add(EventRecord.Of(StreamableEventType.SharedQuotaRemoved, time.GetUtcNow(), caller.Name, organization, id));
        await database.SaveChangesAsync(cancellationToken);
        await both.CommitAsync(cancellationToken);
        return null;
    }

    private static Refusal Invalid(string reason) => Refusal.Invalid("shared_quota_invalid", reason);

    private static IQueryable<StoredQuota> In(ServerDbContext database, TenantScope scope) => scope.OrganizationId is { } organization
        ? database.Set<StoredQuota>().Where(quota => quota.OrganizationId == organization)
        : database.Set<StoredQuota>();
}
