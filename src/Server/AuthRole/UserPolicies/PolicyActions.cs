using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Protocol.Policies;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>
/// Administrators' operations on policies: list, create, replace, delete. An administrator with access to certain policies only sees no
/// others and creates none. A change is durable before it is acknowledged; <see cref="PolicyRolloutWork"/> brings it to the accounts that
/// follow the policy.
/// </summary>
internal sealed class PolicyActions(
    IDbContextFactory<ServerDbContext> databases, PolicyDocument documents, PolicyRolloutWork rollout, OrganizationCache organizations,
    TimeProvider time)
{
    private const int MaximumTries = 20;
    private static readonly Refusal NotFound = Refusal.NotFound("policy_not_found", "There is no policy with this id.");
    private static readonly Refusal Taken = Refusal.Conflict("policy_exists", "The id is taken; choose another one.");
    private static readonly Refusal Stale =
        Refusal.Stale("policy_changed", "The policy has been changed in the meantime; read it again and repeat the change.");

    /// <summary>The policies of one organization in the caller's scope; of all of them when it is null.</summary>
    public async Task<IReadOnlyList<StoredPolicy>> ListAsync(Caller caller, string? organizationId, CancellationToken cancellationToken)
    {
        if ((organizationId is null ? caller.Scope : caller.Scope.Narrow(organizationId)) is not { } scope)
        {
            return [];
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await database.Set<StoredPolicy>().AsNoTracking().In(scope).OrderBy(policy => policy.Id).ToListAsync(cancellationToken);
        return found.FindAll(policy => MayUse(caller, policy.Id));
    }

    public async Task<Outcome<StoredPolicy>> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        MayUse(caller, id) && await FindAsync(id, caller.Scope, cancellationToken) is { } policy ? policy : NotFound;

    /// <summary>Creates a policy, under a chosen id or a random one.</summary>
    public async Task<Outcome<StoredPolicy>> CreateAsync(
        Caller caller, string? chosenId, GroupPolicy document, CancellationToken cancellationToken)
    {
        var organization = document.OrganizationID.Length > 0 ? document.OrganizationID : caller.OrganizationId;
        var id = string.IsNullOrEmpty(chosenId) ? NewHash() : chosenId;
        if (!caller.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return Invalid("There is no organization with this id.");
        }

        if (caller.Permissions.AllowedPolicies is not null)
        {
            return Invalid("You may use only certain policies, and create none.");
        }

        if (id.Length > StoredPolicy.LongestId || id.Any(char.IsControl))
        {
            return Invalid($"An id has at most {StoredPolicy.LongestId} characters, without control characters.");
        }

        if (Check(document) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var policy = new StoredPolicy
        {
            Id = id,
            OrganizationId = organization,
            Description = document.Description,
            DefaultOf = document.DefaultUserPolicy ? organization : null,
            CreatedAt = now.UtcDateTime,
            ModifiedAt = now.UtcDateTime,
            Hash = id,
            Document = documents.Seal(document.Policy),
        };
        for (var tries = 1; tries <= MaximumTries; tries++)
        {
            if (await TrySaveAsync(policy, isNew: true, caller, now, cancellationToken))
            {
                return policy;
            }

            // Otherwise another policy became the default at the same time.
            if (await FindAsync(id, TenantScope.Everything, cancellationToken) is not null)
            {
                break;
            }
        }

        return Taken;
    }

    /// <summary>
    /// Replaces a policy and brings it to the accounts that follow it. With a hash the change applies to exactly that state or not at all.
    /// </summary>
    /// <param name="deletions">
    /// Items of the policy that accounts lose permanently. Items removed from the policy but not listed here stay in the accounts.
    /// </param>
    public async Task<Outcome<StoredPolicy>> ReplaceAsync(
        Caller caller, string id, GroupPolicy document, string? requiredHash, IReadOnlyList<string> deletions,
        CancellationToken cancellationToken)
    {
        if (Check(document) is { } refusal)
        {
            return refusal;
        }

        for (var tries = 1; ; tries++)
        {
            if (!MayUse(caller, id) || await FindAsync(id, caller.Scope, cancellationToken) is not { } policy)
            {
                return NotFound;
            }

            if (requiredHash is not null && requiredHash != policy.Hash)
            {
                return Stale;
            }

            if (document.OrganizationID.Length > 0 && document.OrganizationID != policy.OrganizationId)
            {
                return Invalid("A policy cannot move to another organization; create one there.");
            }

            var now = time.GetUtcNow();
            policy.Description = document.Description;
            policy.DefaultOf = document.DefaultUserPolicy ? policy.OrganizationId : null;
            policy.ModifiedAt = now.UtcDateTime;
            policy.Document = documents.Seal(document.Policy);
            policy.IsPending = true;
            policy.PendingDeletions =
                JsonSerializer.Serialize(PolicyRolloutWork.DeletionsOf(policy).Union(deletions).Order(StringComparer.Ordinal));
            if (await TrySaveAsync(policy, isNew: false, caller, now, cancellationToken))
            {
                await rollout.StartAsync(policy.Id, cancellationToken);
                return policy;
            }

            if (requiredHash is not null || tries == MaximumTries)
            {
                return Stale;
            }
        }
    }

    /// <summary>Deletes a policy. Accounts that followed it keep its rules as their own and may edit them from then on.</summary>
    public async Task<Refusal?> DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!MayUse(caller, id)
            || await database.Set<StoredPolicy>().AsTracking().In(caller.Scope).SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
                is not { } policy)
        {
            return NotFound;
        }

        database.Remove(policy);
        database.Add(EventRecord.Of(StreamableEventType.PolicyRemoved, time.GetUtcNow(), caller.Name, policy.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return await DeleteAsync(caller, id, cancellationToken);
        }

        await rollout.ReleaseAsync(id, policy.OrganizationId, caller.Name, cancellationToken);
        return null;
    }

    private async Task<StoredPolicy?> FindAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredPolicy>().AsNoTracking().In(scope)
            .SingleOrDefaultAsync(policy => policy.Id == id, cancellationToken);
    }

    // False when another writer was faster.
    private async Task<bool> TrySaveAsync(
        StoredPolicy policy, bool isNew, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        if (policy.DefaultOf is { } organization)
        {
            // The hash of the previous default stays, because its rules do not change.
            await database.Set<StoredPolicy>().Where(row => row.DefaultOf == organization && row.Id != policy.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DefaultOf, (string?)null), cancellationToken);
        }

        if (isNew)
        {
            database.Add(policy);
        }
        else
        {
            database.Update(policy);
            policy.Hash = NewHash();
        }

        database.Add(EventRecord.Of(
            isNew ? StreamableEventType.PolicyNew : StreamableEventType.PolicyUpdated, now, caller.Name, policy.OrganizationId, policy.Id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException error) when (error is DbUpdateConcurrencyException || error.IsUniqueViolation())
        {
            return false;
        }
    }

    private static bool MayUse(Caller caller, string policyId) => caller.Permissions.AllowedPolicies?.Contains(policyId) != false;

    private static Refusal? Check(GroupPolicy document) =>
        document.Description.Length > StoredPolicy.LongestDescription
            ? Invalid($"A description has at most {StoredPolicy.LongestDescription} characters.")
            : null;

    private static Refusal Invalid(string reason) => Refusal.Invalid("policy_invalid", reason);

    private static string NewHash() => RandomNumberGenerator.GetHexString(40, lowercase: true);
}
