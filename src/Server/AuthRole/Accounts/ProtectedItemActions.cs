using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>A protected item with its schedules, and the profile they are in.</summary>
internal sealed record ProtectedItem(SourceConfig Item, Dictionary<string, BackupRuleConfig> Rules, StoredProfile Stored);

/// <summary>Operations on one protected item of a profile and the schedules that run it.</summary>
internal sealed class ProtectedItemActions(ProfileStore profiles, SourceStatusStore statuses)
{
    private static readonly Refusal NotFound = Refusal.Invalid("item_not_found", "There is no protected item with this SourceID.");

    public async Task<Outcome<ProtectedItem>> FindAsync(AccountCaller caller, string id, CancellationToken cancellationToken)
    {
        if (await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken) is not { } stored)
        {
            return AccountRefusals.NotFound;
        }

        if (stored.Profile.Sources.GetValueOrDefault(id) is not { } item)
        {
            return NotFound;
        }

        await statuses.FillAsync([stored], cancellationToken);
        return new ProtectedItem(item, RulesOf(stored.Profile, id), stored);
    }

    /// <summary>Stores the item, its schedules (replacing all of them) or both; null leaves the stored value.</summary>
    public async Task<Refusal?> SetAsync(
        AccountCaller caller, string id, string? requiredHash, SourceConfig? item, Dictionary<string, BackupRuleConfig>? rules,
        CancellationToken cancellationToken) =>
        await ChangeAsync(caller, requiredHash, profile => Set(profile, id, item, rules), cancellationToken);

    public async Task<Refusal?> DeleteAsync(AccountCaller caller, string id, CancellationToken cancellationToken) =>
        await ChangeAsync(
            caller,
            requiredHash: null,
            profile =>
            {
                foreach (var rule in RulesOf(profile, id).Keys)
                {
                    profile.BackupRules.Remove(rule);
                }

                return profile.Sources.Remove(id) ? null : NotFound;
            },
            cancellationToken);

    private async Task<Refusal?> ChangeAsync(
        AccountCaller caller, string? requiredHash, Func<UserProfileConfig, Refusal?> edit, CancellationToken cancellationToken)
    {
        var change = await profiles.ChangeAsync(
            caller,
            requiredHash,
            (account, profile) =>
            {
                var submitted = CometJson.Copy(profile);
                return edit(submitted)
                    ?? (ProfileActions.Apply(caller, account, profile, submitted) is { } problem
                        ? AccountRefusals.InvalidProfile(problem)
                        : null);
            },
            cancellationToken);
        return change.Refusal;
    }

    private static Refusal? Set(UserProfileConfig profile, string id, SourceConfig? item, Dictionary<string, BackupRuleConfig>? rules)
    {
        if (item is not null)
        {
            profile.Sources[id] = item;
        }
        else if (!profile.Sources.ContainsKey(id))
        {
            return NotFound;
        }

        if (rules is null)
        {
            return null;
        }

        foreach (var old in RulesOf(profile, id).Keys.Except(rules.Keys).ToList())
        {
            profile.BackupRules.Remove(old);
        }

        foreach (var (ruleId, rule) in rules)
        {
            if (rule is null || (profile.BackupRules.TryGetValue(ruleId, out var other) && other.Source != id))
            {
                return AccountRefusals.InvalidProfile($"The schedule '{ruleId}' is empty, or belongs to another protected item.");
            }

            rule.Source = id;
            profile.BackupRules[ruleId] = rule;
        }

        return null;
    }

    private static Dictionary<string, BackupRuleConfig> RulesOf(UserProfileConfig profile, string id) =>
        profile.BackupRules.Where(rule => rule.Value?.Source == id).ToDictionary(rule => rule.Key, rule => rule.Value);
}
