using Halley.Protocol.Comet;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>
/// Copies the policy that an account follows into its profile, with every save of the profile and when the policy changes.
/// </summary>
internal sealed class PolicyApplication(
    PolicyDocument policies, ProfileDocument profiles, OrganizationCache organizations, TimeProvider time) : ProfilePart
{
    public override async Task<string?> SaveAsync(ServerDbContext database, ProfileSave save, CancellationToken cancellationToken)
    {
        var (account, profile) = (save.Account, save.Profile);
        if (save.IsNew)
        {
            return await ApplyToNewAsync(database, account.OrganizationId, profile, cancellationToken);
        }

        if (profile.PolicyID.Length == 0)
        {
            return null;
        }

        if (await FindAsync(database, profile.PolicyID, account.OrganizationId, cancellationToken) is not { } policy)
        {
            // The policy is being deleted right now; its rules stay unchanged.
            return profile.PolicyID == account.PolicyId
                ? null
                : "There is no policy with this PolicyID in the organization of the account.";
        }

        Merge(policies.ReadRules(policy), profiles.Read(account), profile, save.Deletions);
        return null;
    }

    /// <summary>
    /// Before the first save of a new account: it follows the policy that its profile names, or else the default policy of its
    /// organization.
    /// </summary>
    public async Task<string?> ApplyToNewAsync(
        ServerDbContext database, string organizationId, UserProfileConfig profile, CancellationToken cancellationToken)
    {
        if (!organizations.Exists(organizationId))
        {
            return "There is no organization with this id.";
        }

        var policy = profile.PolicyID.Length > 0
            ? await FindAsync(database, profile.PolicyID, organizationId, cancellationToken)
            : await database.Set<StoredPolicy>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.DefaultOf == organizationId, cancellationToken);
        if (policy is null)
        {
            return profile.PolicyID.Length == 0 ? null : "There is no policy with this PolicyID in the organization of the account.";
        }

        profile.PolicyID = policy.Id;
        Merge(policies.ReadRules(policy), new UserProfileConfig(), profile, []);
        return null;
    }

    /// <summary>Copies a changed policy into a profile; false when the profile has it already.</summary>
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

    private static Task<StoredPolicy?> FindAsync(
        ServerDbContext database, string id, string organizationId, CancellationToken cancellationToken) =>
        database.Set<StoredPolicy>().AsNoTracking()
            .SingleOrDefaultAsync(policy => policy.Id == id && policy.OrganizationId == organizationId, cancellationToken);
}
