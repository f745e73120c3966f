using Halley.Protocol.Comet;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>What a user may change in his own profile under the policy in force. Clients hide what is forbidden; this is for those who do not.</summary>
internal static class UserPolicyRules
{
    public static string? ProblemWith(UserProfileConfig after, UserProfileConfig before)
    {
        var policy = before.Policy;
        return ProblemWithAccount(policy, after, before)
            ?? ProblemWithItems(policy, after, before)
            ?? ProblemWithVaults(policy, after, before);
    }

    private static string? ProblemWithAccount(UserPolicy policy, UserProfileConfig after, UserProfileConfig before) =>
        policy.PreventChangeAccountName && after.AccountName != before.AccountName ? "The policy does not allow to change AccountName."
        : policy.PreventChangeEmailSettings && !HaveSameEmails(after, before) ? "The policy does not allow to change the settings of e-mail reports."
        : null;

    private static bool HaveSameEmails(UserProfileConfig after, UserProfileConfig before) =>
        after.SendEmailReports == before.SendEmailReports && after.Emails.SequenceEqual(before.Emails, StringComparer.Ordinal)
        && ProfileFields.AreSame(after.OverrideEmailSettings, before.OverrideEmailSettings);

    private static string? ProblemWithItems(UserPolicy policy, UserProfileConfig after, UserProfileConfig before)
    {
        var engines = policy.ProtectedItemEngineTypes;
        foreach (var (id, item) in after.Sources)
        {
            if (!before.Sources.TryGetValue(id, out var known))
            {
                if (policy.PreventNewProtectedItem)
                {
                    return "The policy does not allow new protected items.";
                }

                if (engines.ShouldRestrictEngineTypeList && !engines.AllowedEngineTypeWhenRestricted.Contains(item?.Engine ?? ""))
                {
                    return "The policy does not allow protected items of this type.";
                }
            }
            else if (policy.PreventEditProtectedItem && !IsSameItem(item, known))
            {
                return "The policy does not allow to change protected items.";
            }
        }

        return policy.PreventDeleteProtectedItem && before.Sources.Keys.Any(id => !after.Sources.ContainsKey(id))
            ? "The policy does not allow to delete protected items."
            : policy.PreventEditProtectedItem && !HaveSameRules(after, before) ? "The policy does not allow to change the schedules of protected items."
            : null;
    }

    // Schedules of items that come or go with this change are part of that.
    private static bool HaveSameRules(UserProfileConfig after, UserProfileConfig before)
    {
        Dictionary<string, BackupRuleConfig> OfStaying(UserProfileConfig profile) => profile.BackupRules
            .Where(rule => rule.Value is not null && after.Sources.ContainsKey(rule.Value.Source) && before.Sources.ContainsKey(rule.Value.Source))
            .OrderBy(rule => rule.Key, StringComparer.Ordinal)
            .ToDictionary(rule => rule.Key, rule => rule.Value);

        return ProfileFields.AreSame(OfStaying(after), OfStaying(before));
    }

    private static string? ProblemWithVaults(UserPolicy policy, UserProfileConfig after, UserProfileConfig before)
    {
        var providers = policy.StorageVaultProviders;
        foreach (var (id, vault) in after.Destinations)
        {
            if (!before.Destinations.TryGetValue(id, out var known))
            {
                if (policy.PreventAddCustomStorageVault)
                {
                    return "The policy does not allow to add storage vaults.";
                }

                if (providers.ShouldRestrictProviderList && !providers.AllowedProvidersWhenRestricted.Contains(vault?.DestinationType ?? 0))
                {
                    return "The policy does not allow storage vaults of this type.";
                }
            }
            else if (policy.PreventEditStorageVault && !IsSameVault(vault, known))
            {
                return "The policy does not allow to change storage vaults.";
            }
        }

        return policy.PreventDeleteStorageVault && before.Destinations.Keys.Any(id => !after.Destinations.ContainsKey(id))
            ? "The policy does not allow to delete storage vaults."
            : null;
    }

    private static bool IsSameItem(SourceConfig? one, SourceConfig other)
    {
        if (one is null)
        {
            return false;
        }

        var (left, right) = (CometJson.Copy(one), CometJson.Copy(other));
        (left.Statistics, right.Statistics) = (null, null);
        (left.ModifyTime, right.ModifyTime) = (0, 0);
        return CometJson.AreEqual(left, right);
    }

    // What a client reports of a vault, and what it writes when it sets one up, is no change by the user.
    private static bool IsSameVault(DestinationConfig? one, DestinationConfig other)
    {
        if (one is null)
        {
            return false;
        }

        var (left, right) = (CometJson.Copy(one), CometJson.Copy(other));
        foreach (var vault in new[] { left, right })
        {
            (vault.Statistics, vault.RetentionError, vault.ModifyTime, vault.RepoInitTimestamp) = (null, "", 0, 0);
            (vault.EncryptionKeyEncryptionMethod, vault.EncryptedEncryptionKey, vault.CometBucketKey) = (0, "", "");
            vault.AssociatedDevices = [];
        }

        return CometJson.AreEqual(left, right);
    }
}
