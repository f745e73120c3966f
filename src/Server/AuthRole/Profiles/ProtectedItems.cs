using Halley.Protocol.Comet;
using Halley.Server.Access;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.Organizations;

namespace Halley.Server.AuthRole.Profiles;

/// <summary>Whose item is meant and who asks; <paramref name="User"/> is null when it is an administrator, whom no policy binds.</summary>
internal sealed record ItemCaller(string Username, TenantScope Scope, string Actor, AccountIdentity? User = null)
{
    public static ItemCaller Of(AccountIdentity user) => new(user.Username, TenantScope.Of(user.OrganizationId), user.Username, user);
}

/// <summary>One protected item of a profile with the schedules that run it.</summary>
internal sealed class ProtectedItems(ProfileStore profiles)
{
    private const string NoSuchItem = "There is no protected item with this SourceID.";

    /// <summary>The item, its schedules and the profile they are in; the item is null when there is none, all is null without an account.</summary>
    public async Task<(SourceConfig? Item, Dictionary<string, BackupRuleConfig> Rules, StoredProfile Stored)?> FindAsync(
        ItemCaller caller, string id, CancellationToken cancellationToken) =>
        await profiles.FindAsync(caller.Username, caller.Scope, cancellationToken) is { } stored
            ? (stored.Profile.Sources.GetValueOrDefault(id), RulesOf(stored.Profile, id), stored)
            : null;

    /// <summary>Stores the item, its schedules (instead of all it has) or both; what is null stays.</summary>
    public Task<ProfileChange> SetAsync(
        ItemCaller caller, string id, string? requiredHash, SourceConfig? item, Dictionary<string, BackupRuleConfig>? rules,
        CancellationToken cancellationToken) =>
        ChangeAsync(caller, requiredHash, profile => Set(profile, id, item, rules), cancellationToken);

    public Task<ProfileChange> DeleteAsync(ItemCaller caller, string id, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller, null,
            profile =>
            {
                foreach (var rule in RulesOf(profile, id).Keys)
                {
                    profile.BackupRules.Remove(rule);
                }

                return profile.Sources.Remove(id) ? null : NoSuchItem;
            },
            cancellationToken);

    private static string? Set(UserProfileConfig profile, string id, SourceConfig? item, Dictionary<string, BackupRuleConfig>? rules)
    {
        if (item is not null)
        {
            profile.Sources[id] = item;
        }
        else if (!profile.Sources.ContainsKey(id))
        {
            return NoSuchItem;
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
                return $"The schedule '{ruleId}' is empty, or belongs to another protected item.";
            }

            rule.Source = id;
            profile.BackupRules[ruleId] = rule;
        }

        return null;
    }

    private Task<ProfileChange> ChangeAsync(
        ItemCaller caller, string? requiredHash, Func<UserProfileConfig, string?> edit, CancellationToken cancellationToken) =>
        profiles.ChangeAsync(
            caller.Username, caller.Scope, requiredHash, caller.Actor,
            (account, profile) =>
            {
                var submitted = CometJson.Copy(profile);
                if (edit(submitted) is { } refusal)
                {
                    return refusal;
                }

                return caller.User is null
                    ? ProfileRules.ApplyFromAdministrator(account, profile, submitted)
                    : ProfileRules.ApplyFromUser(account, profile, submitted);
            },
            cancellationToken);

    private static Dictionary<string, BackupRuleConfig> RulesOf(UserProfileConfig profile, string id) =>
        profile.BackupRules.Where(rule => rule.Value?.Source == id).ToDictionary(rule => rule.Key, rule => rule.Value);
}
