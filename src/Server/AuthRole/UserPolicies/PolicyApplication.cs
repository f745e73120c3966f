using Halley.Protocol.Comet;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>Puts the policy an account follows into its profile: with every save of the profile, and when the policy changes.</summary>
internal sealed class PolicyApplication(
    PolicyDocument policies, ProfileDocument profiles, OrganizationDirectory organizations, TimeProvider time)
{
    /// <summary>Between the edit of a profile and its save. Returns why the profile cannot be saved, or null.</summary>
    /// <param name="account">The row as it was read, with the profile before the edit.</param>
    /// <param name="deletions">Items of the policy that whoever saves may really delete.</param>
    public async Task<string?> ApplyAsync(
        ServerDbContext database, Account account, UserProfileConfig profile, IReadOnlyCollection<string> deletions, CancellationToken cancellationToken)
    {
        if (profile.PolicyID.Length == 0)
        {
            return null;
        }

        if (await FindAsync(database, profile.PolicyID, account.OrganizationId, cancellationToken) is not { } policy)
        {
            // One that is just being deleted; its rules stay as they are.
            return profile.PolicyID == account.PolicyId ? null : "There is no policy with this PolicyID in the organization of the account.";
        }

        Merge(policies.ReadRules(policy), profiles.Read(account), profile, deletions);
        return null;
    }

    /// <summary>For a new account, before its first save: it follows the policy its profile names, else the default one of its tenant.</summary>
    public async Task<string?> ApplyToNewAsync(
        ServerDbContext database, string organizationId, UserProfileConfig profile, CancellationToken cancellationToken)
    {
        if (!organizations.Exists(organizationId))
        {
            return "There is no organization with this id.";
        }

        var policy = profile.PolicyID.Length > 0
            ? await FindAsync(database, profile.PolicyID, organizationId, cancellationToken)
            : await database.Set<StoredPolicy>().AsNoTracking().SingleOrDefaultAsync(row => row.DefaultOf == organizationId, cancellationToken);
        if (policy is null)
        {
            return profile.PolicyID.Length == 0 ? null : "There is no policy with this PolicyID in the organization of the account.";
        }

        profile.PolicyID = policy.Id;
        Merge(policies.ReadRules(policy), new UserProfileConfig(), profile, []);
        return null;
    }

    /// <summary>Brings a changed policy into a profile; false when the profile has it already.</summary>
    public bool Refresh(StoredPolicy policy, Account account, UserProfileConfig profile, IReadOnlyCollection<string> deletions)
    {
        if (profile.PolicyID != policy.Id || account.OrganizationId != policy.OrganizationId)
        {
            return false;
        }

        var before = profiles.Read(account);
        Merge(policies.ReadRules(policy), before, profile, deletions);
        return !CometJson.AreEqual(before, profile);
    }

    private void Merge(UserPolicy rules, UserProfileConfig before, UserProfileConfig after, IReadOnlyCollection<string> deletions)
    {
        new PolicyItems(rules, before, after, deletions, time.GetUtcNow().ToUnixTimeSeconds()).Merge();
        after.Policy = rules;
        if (rules.EnforceStorageVaultRetention)
        {
            foreach (var vault in after.Destinations.Values)
            {
                vault.DefaultRetention = CometJson.Copy(rules.DefaultStorageVaultRetention);
            }
        }
    }

    private static Task<StoredPolicy?> FindAsync(ServerDbContext database, string id, string organizationId, CancellationToken cancellationToken) =>
        database.Set<StoredPolicy>().AsNoTracking()
            .SingleOrDefaultAsync(policy => policy.Id == id && policy.OrganizationId == organizationId, cancellationToken);
}
