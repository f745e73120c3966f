using System.Text.Json;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>
/// Copies a changed policy to the accounts that follow it. The pending rollout is stored with the policy, so this work continues it after a
/// crash. A call waits for the first hundred accounts; the others get the policy within seconds.
/// </summary>
internal sealed class PolicyRolloutWork(
    IDbContextFactory<ServerDbContext> databases, ProfileStore profiles, PolicyApplication application, TimeProvider time)
{
    /// <summary>Accounts that a call waits for.</summary>
    public const int AtOnce = 100;

    private static readonly TimeSpan FullCheck = TimeSpan.FromHours(1);
    private DateTimeOffset _checkedAt = time.GetUtcNow();

    public static IReadOnlyList<string> DeletionsOf(StoredPolicy policy) =>
        JsonSerializer.Deserialize<List<string>>(policy.PendingDeletions) ?? [];

    /// <summary>Starts the rollout of one policy.</summary>
    public async Task StartAsync(string policyId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var each = new OneByOne();
        var policies = await PoliciesAsync(database, policy => policy.Id == policyId, cancellationToken);
        await ApplyAsync(policies, AtOnce, each, cancellationToken);
        each.ThrowIfAny();
    }

    /// <summary>
    /// Finishes pending rollouts. Once an hour it checks all policies: an account that started to follow one at the moment of its change
    /// may have the old state.
    /// </summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var all = now - _checkedAt >= FullCheck;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var each = new OneByOne();
        await ApplyAsync(
            await PoliciesAsync(database, policy => all || policy.IsPending, cancellationToken), int.MaxValue, each, cancellationToken);
        await ReleaseOrphansAsync(database, cancellationToken);
        _checkedAt = all ? now : _checkedAt;
        each.ThrowIfAny();
    }

    /// <summary>Lets the accounts of a deleted policy keep its rules as their own. A call waits for the first of them only.</summary>
    public async Task ReleaseAsync(string policyId, string organizationId, string actor, CancellationToken cancellationToken)
    {
        foreach (var username in (await FollowersAsync(policyId, organizationId, cancellationToken)).Take(AtOnce))
        {
            await profiles.ChangeAsync(
                username,
                TenantScope.Of(organizationId),
                actor,
                profile =>
                {
                    if (profile.PolicyID != policyId)
                    {
                        return AccountRefusals.Unchanged;
                    }

                    profile.PolicyID = "";
                    return null;
                },
                cancellationToken);
        }
    }

    private static Task<List<StoredPolicy>> PoliciesAsync(
        ServerDbContext database, System.Linq.Expressions.Expression<Func<StoredPolicy, bool>> which,
        CancellationToken cancellationToken) =>
        database.Set<StoredPolicy>().AsNoTracking().Where(which).OrderBy(policy => policy.Id).ToListAsync(cancellationToken);

    private async Task ApplyAsync(
        IReadOnlyList<StoredPolicy> policies, int most, OneByOne each, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            var deletions = DeletionsOf(policy);
            var followers = await FollowersAsync(policy.Id, policy.OrganizationId, cancellationToken);
            foreach (var username in followers.Take(most))
            {
                await each.TryAsync($"Follower of policy {policy.Id}", () => profiles.ChangeAsync(
                    new AccountCaller(Caller.Server with { Scope = TenantScope.Of(policy.OrganizationId) }, username),
                    requiredHash: null,
                    (account, profile) => application.Refresh(policy, account, profile, deletions) ? null : AccountRefusals.Unchanged,
                    cancellationToken));
            }

            if (followers.Count <= most)
            {
                await FinishAsync(policy, cancellationToken);
            }
        }
    }

    // Only if the policy has not changed again in the meantime.
    private async Task FinishAsync(StoredPolicy policy, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<StoredPolicy>().Where(row => row.Id == policy.Id && row.Hash == policy.Hash && row.IsPending).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.IsPending, false).SetProperty(row => row.PendingDeletions, "[]"), cancellationToken);
    }

    // Accounts whose policy was deleted when a crash interrupted the call.
    private async Task ReleaseOrphansAsync(ServerDbContext database, CancellationToken cancellationToken)
    {
        var orphans = await database.Set<Account>()
            .Where(account => account.PolicyId != "" && !database.Set<StoredPolicy>().Any(policy => policy.Id == account.PolicyId))
            .Select(account => new { account.PolicyId, account.OrganizationId }).Distinct().ToListAsync(cancellationToken);
        foreach (var orphan in orphans)
        {
            await ReleaseAsync(orphan.PolicyId, orphan.OrganizationId, "", cancellationToken);
        }
    }

    private async Task<List<string>> FollowersAsync(string policyId, string organizationId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<Account>().Where(account => account.PolicyId == policyId && account.OrganizationId == organizationId)
            .OrderBy(account => account.Username).Select(account => account.Username).ToListAsync(cancellationToken);
    }
}
