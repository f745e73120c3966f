using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Events;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>
/// Policies come, change and go. A change is durable before it is acknowledged, and the accounts that follow the policy get it through
/// <see cref="PolicyRolloutWork"/>.
/// </summary>
internal sealed class PolicyStore(
    IDbContextFactory<ServerDbContext> databases, PolicyDocument documents, PolicyRolloutWork rollout, OrganizationDirectory organizations, TimeProvider time)
{
    private const int MostTries = 20;

    public async Task<IReadOnlyList<StoredPolicy>> ListAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredPolicy>().AsNoTracking().In(scope).OrderBy(policy => policy.Id).ToListAsync(cancellationToken);
    }

    public async Task<StoredPolicy?> FindAsync(string id, TenantScope scope, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<StoredPolicy>().AsNoTracking().In(scope).SingleOrDefaultAsync(policy => policy.Id == id, cancellationToken);
    }

    /// <summary>Makes a policy, under a chosen id or a random one.</summary>
    public async Task<PolicyChange> CreateAsync(string? chosenId, GroupPolicy document, PolicyActor actor, CancellationToken cancellationToken)
    {
        var organization = document.OrganizationID.Length > 0 ? document.OrganizationID : actor.Scope.OrganizationId ?? "";
        var id = string.IsNullOrEmpty(chosenId) ? NewHash() : chosenId;
        if (!actor.Scope.Contains(organization) || !organizations.Exists(organization))
        {
            return PolicyChange.Refused("There is no organization with this id.");
        }

        if (actor.Allowed is not null)
        {
            return PolicyChange.Refused("You may use some policies only, and make none.");
        }

        if (id.Length > StoredPolicy.LongestId || id.Any(char.IsControl))
        {
            return PolicyChange.Refused($"An id has at most {StoredPolicy.LongestId} characters, without control characters.");
        }

        if (Check(document) is { } reason)
        {
            return PolicyChange.Refused(reason);
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
        for (var tries = 1; tries <= MostTries; tries++)
        {
            if (await SaveAsync(policy, isNew: true, actor, now, cancellationToken) == Saving.Done)
            {
                return new PolicyChange(PolicyChangeResult.Saved, policy);
            }

            // Otherwise another policy became the default at the same time.
            if (await FindAsync(id, TenantScope.Everything, cancellationToken) is not null)
            {
                break;
            }
        }

        return PolicyChange.Taken;
    }

    /// <summary>
    /// Replaces a policy and brings it to the accounts that follow it. With a hash the change is made to exactly that state or not at all.
    /// </summary>
    /// <param name="deletions">Items of the policy that accounts lose for good; without it, items the policy no longer has stay where they are.</param>
    public async Task<PolicyChange> ReplaceAsync(
        string id, GroupPolicy document, string? requiredHash, IReadOnlyList<string> deletions, PolicyActor actor, CancellationToken cancellationToken)
    {
        if (Check(document) is { } reason)
        {
            return PolicyChange.Refused(reason);
        }

        for (var tries = 1; ; tries++)
        {
            if (!actor.MayUse(id) || await FindAsync(id, actor.Scope, cancellationToken) is not { } policy)
            {
                return PolicyChange.NotFound;
            }

            if (requiredHash is not null && requiredHash != policy.Hash)
            {
                return PolicyChange.Stale;
            }

            if (document.OrganizationID.Length > 0 && document.OrganizationID != policy.OrganizationId)
            {
                return PolicyChange.Refused("A policy cannot move to another organization; make one there.");
            }

            var now = time.GetUtcNow();
            policy.Description = document.Description;
            policy.DefaultOf = document.DefaultUserPolicy ? policy.OrganizationId : null;
            policy.ModifiedAt = now.UtcDateTime;
            policy.Document = documents.Seal(document.Policy);
            policy.IsPending = true;
            policy.PendingDeletions = JsonSerializer.Serialize(PolicyRolloutWork.DeletionsOf(policy).Union(deletions).Order(StringComparer.Ordinal));
            if (await SaveAsync(policy, isNew: false, actor, now, cancellationToken) == Saving.Done)
            {
                await rollout.StartAsync(policy.Id, cancellationToken);
                return new PolicyChange(PolicyChangeResult.Saved, policy);
            }

            if (requiredHash is not null || tries == MostTries)
            {
                return PolicyChange.Stale;
            }
        }
    }

    /// <summary>Deletes a policy. Accounts that followed it keep its rules as their own, from then on free to edit.</summary>
    public async Task<bool> DeleteAsync(string id, PolicyActor actor, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!actor.MayUse(id) || await database.Set<StoredPolicy>().AsTracking().In(actor.Scope).SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } policy)
        {
            return false;
        }

        database.Remove(policy);
        database.Add(EventRecord.Of(StreamableEventType.PolicyRemoved, time.GetUtcNow(), actor.Name, policy.OrganizationId, id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return await DeleteAsync(id, actor, cancellationToken);
        }

        await rollout.ReleaseAsync(id, policy.OrganizationId, actor.Name, cancellationToken);
        return true;
    }

    private enum Saving
    {
        Done,
        Overtaken,
    }

    private async Task<Saving> SaveAsync(StoredPolicy policy, bool isNew, PolicyActor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var both = await database.Database.BeginTransactionAsync(cancellationToken);
        if (policy.DefaultOf is { } organization)
        {
            // The one that was the default is it no longer; its hash stays, because its rules do.
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
            isNew ? StreamableEventType.PolicyNew : StreamableEventType.PolicyUpdated, now, actor.Name, policy.OrganizationId, policy.Id));
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            await both.CommitAsync(cancellationToken);
            return Saving.Done;
        }
        catch (DbUpdateConcurrencyException)
        {
            return Saving.Overtaken;
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsUniqueViolation(error))
        {
            return Saving.Overtaken;
        }
    }

    private static string? Check(GroupPolicy document) =>
        document.Description.Length > StoredPolicy.LongestDescription
            ? $"A description has at most {StoredPolicy.LongestDescription} characters."
            : null;

    private static string NewHash() => RandomNumberGenerator.GetHexString(40, lowercase: true);
}
