using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>
/// The changes that a user may make to its own profile under the current policy. Clients hide forbidden ones; this check is the one that
/// counts.
/// </summary>
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
        policy.PreventChangeAccountName && after.AccountName != before.AccountName ? "The policy does not allow changes of AccountName."
        : policy.PreventChangeEmailSettings && !HaveSameEmails(after, before)
            ? "The policy does not allow changes of the e-mail report settings."
        : null;

    private static bool HaveSameEmails(UserProfileConfig after, UserProfileConfig before) =>
        after.SendEmailReports == before.SendEmailReports && after.Emails.SequenceEqual(before.Emails, StringComparer.Ordinal)
        && AreSame(after.OverrideEmailSettings, before.OverrideEmailSettings);

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
                return "The policy does not allow changes of protected items.";
            }
        }

        return policy.PreventDeleteProtectedItem && before.Sources.Keys.Any(id => !after.Sources.ContainsKey(id))
            ? "The policy does not allow protected items to be deleted."
            : policy.PreventEditProtectedItem && !HaveSameRules(after, before)
                ? "The policy does not allow changes of the schedules of protected items."
            : null;
    }

    // Schedules of items that are added or removed by the same change belong to that.
    private static bool HaveSameRules(UserProfileConfig after, UserProfileConfig before)
    {
        Dictionary<string, BackupRuleConfig> OfStaying(UserProfileConfig profile) => profile.BackupRules
            .Where(rule => rule.Value is not null && after.Sources.ContainsKey(rule.Value.Source)
                && before.Sources.ContainsKey(rule.Value.Source))
            .OrderBy(rule => rule.Key, StringComparer.Ordinal)
            .ToDictionary(rule => rule.Key, rule => rule.Value);

        return AreSame(OfStaying(after), OfStaying(before));
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
                    return "The policy does not allow new storage vaults.";
                }

                if (providers.ShouldRestrictProviderList && !providers.AllowedProvidersWhenRestricted.Contains(vault?.DestinationType ?? 0))
                {
                    return "The policy does not allow storage vaults of this type.";
                }
            }
            else if (policy.PreventEditStorageVault && !IsSameVault(vault, known))
            {
                return "The policy does not allow changes of storage vaults.";
            }
        }

        return policy.PreventDeleteStorageVault && before.Destinations.Keys.Any(id => !after.Destinations.ContainsKey(id))
            ? "The policy does not allow storage vaults to be deleted."
            : null;
    }

    private static bool IsSameItem(SourceConfig? one, SourceConfig other)
    {
        if (one is null)
        {
            return false;
        }

        var (left, right) = (CometJson.Copy(one), CometJson.Copy(other));
        (left.Statistics, right.Statistics) = (new SourceStatistics(), new SourceStatistics());
        (left.ModifyTime, right.ModifyTime) = (0, 0);
        return CometJson.AreEqual(left, right);
    }

    // A client's report about a vault, or its set-up of one, is not a change by the user.
    private static bool IsSameVault(DestinationConfig? one, DestinationConfig other)
    {
        if (one is null)
        {
            return false;
        }

        var (left, right) = (CometJson.Copy(one), CometJson.Copy(other));
        foreach (var vault in new[] { left, right })
        {
            (vault.Statistics, vault.RetentionError, vault.ModifyTime, vault.RepoInitTimestamp) =
                (new DestinationStatistics(), "", 0, 0);
            (vault.EncryptionKeyEncryptionMethod, vault.EncryptedEncryptionKey, vault.CometBucketKey) = (0, "", "");
            vault.AssociatedDevices = [];
        }

        return CometJson.AreEqual(left, right);
    }

    private static bool AreSame<T>(Dictionary<string, T> one, Dictionary<string, T> other) =>
        JsonSerializer.SerializeToUtf8Bytes(one, CometJson.Options).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, CometJson.Options));
}
