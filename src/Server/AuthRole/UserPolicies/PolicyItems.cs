using System.Security.Cryptography;
using System.Text;
using Halley.Protocol.Comet;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;

namespace Halley.Server.AuthRole.UserPolicies;

/// <summary>
/// The protected items that a policy adds to devices. Each device gets each item once. A new device gets all of them; a known one gets the
/// items that are new in the policy and marked ExistingUserUpdate. Items with that mark also follow later changes. Items that a user
/// deletes are put back, unless the save lists them as deletions.
/// </summary>
internal sealed class PolicyItems(
    UserPolicy policy, UserProfileConfig before, UserProfileConfig after, IReadOnlyCollection<string> deletions, long now)
{
    private readonly Dictionary<string, (SourceConfig Item, long Os)> _given = GivenBy(policy);

    public void Merge()
    {
        var known = before.PolicyID == after.PolicyID ? GivenBy(before.Policy) : [];
        RemoveDeleted();
        foreach (var (id, (item, os)) in _given)
        {
            foreach (var (device, config) in after.Devices)
            {
                if (Runs(os, config.PlatformVersion))
                {
                    MergeItem(id, item, device, isNew: !known.ContainsKey(id));
                }
            }
        }
    }

    private void MergeItem(string id, SourceConfig item, string device, bool isNew)
    {
        if (Find(after, id, device) is { } existing)
        {
            if (item.ExistingUserUpdate)
            {
                Put(existing.Key, id, item, device, existing.Value);
            }
        }
        else if (Find(before, id, device) is { } deleted)
        {
            if (!deletions.Contains(id))
            {
                after.Sources[deleted.Key] = deleted.Value;
                foreach (var rule in before.BackupRules.Where(rule => rule.Value.Source == deleted.Key))
                {
                    after.BackupRules.TryAdd(rule.Key, rule.Value);
                }
            }
        }
        else if (!before.Devices.ContainsKey(device) || (isNew && item.ExistingUserUpdate))
        {
            Put(IdOf(id, device), id, item, device, old: null);
        }
    }

    private void Put(string sourceId, string policySourceId, SourceConfig item, string device, SourceConfig? old)
    {
        var copy = CometJson.Copy(item);
        (copy.PolicySourceID, copy.OwnerDevice, copy.Statistics) = (policySourceId, device, old?.Statistics ?? new SourceStatistics());
        (copy.CreateTime, copy.ModifyTime) = (old?.CreateTime ?? now, old?.ModifyTime ?? now);
        if (old is null || !CometJson.AreEqual(copy, old))
        {
            copy.ModifyTime = now;
            after.Sources[sourceId] = copy;
        }

        PutRules(sourceId, policySourceId, isNewItem: old is null);
    }

    // A schedule needs a vault: the one that it names if the user has it, or else the oldest. Without any it is added with the first vault.
    private void PutRules(string sourceId, string policySourceId, bool isNewItem)
    {
        foreach (var (id, rule) in policy.DefaultSourcesBackupRules.Where(rule => rule.Value.Source == policySourceId))
        {
            var ruleId = IdOf(id, sourceId);
            var old = after.BackupRules.GetValueOrDefault(ruleId);
            var vault = old?.Destination ?? (after.Destinations.ContainsKey(rule.Destination)
                ? rule.Destination
                : after.Destinations.OrderBy(one => one.Value.CreateTime).ThenBy(one => one.Key, StringComparer.Ordinal)
                    .FirstOrDefault().Key);
            var isDue = isNewItem || before.Destinations.Count == 0 || !before.Policy.DefaultSourcesBackupRules.ContainsKey(id);
            if (vault is null || (old is null && !isDue))
            {
                continue;
            }

            var copy = CometJson.Copy(rule);
            (copy.Source, copy.Destination) = (sourceId, vault);
            (copy.CreateTime, copy.ModifyTime) = (old?.CreateTime ?? now, old?.ModifyTime ?? now);
            if (old is null || !CometJson.AreEqual(copy, old))
            {
                copy.ModifyTime = now;
                after.BackupRules[ruleId] = copy;
            }
        }
    }

    private void RemoveDeleted()
    {
        foreach (var id in after.Sources.Where(
            source => deletions.Contains(source.Value.PolicySourceID) && !_given.ContainsKey(source.Value.PolicySourceID))
            .Select(source => source.Key).ToList())
        {
            after.Sources.Remove(id);
            foreach (var rule in after.BackupRules.Where(rule => rule.Value.Source == id).Select(rule => rule.Key).ToList())
            {
                after.BackupRules.Remove(rule);
            }
        }
    }

    private static KeyValuePair<string, SourceConfig>? Find(UserProfileConfig profile, string policySourceId, string device)
    {
        foreach (var source in profile.Sources)
        {
            if (source.Value.PolicySourceID == policySourceId && source.Value.OwnerDevice == device)
            {
                return source;
            }
        }

        return null;
    }

    private static Dictionary<string, (SourceConfig Item, long Os)> GivenBy(UserPolicy policy)
    {
        var given = policy.DefaultSources.ToDictionary(item => item.Key, item => (item.Value, 0L));
        foreach (var (id, item) in policy.DefaultSourcesWithOSRestriction)
        {
            given[id] = (item.SourceConfig, item.RestrictOS);
        }

        return given;
    }

    // 0 any, 1 Windows, 2 Windows of 32 bits, 3 Windows of 64 bits, 4 macOS, 5 Linux.
    private static bool Runs(long restriction, OSInfo? platform) => (restriction, platform?.Os.ToLowerInvariant()) switch
    {
        (0, _) => true,
        (1, "windows") => true,
        (2, "windows") => platform!.Arch is "x86_32" or "386",
        (3, "windows") => platform!.Arch is "x86_64" or "amd64",
        (4, "darwin" or "macos") => true,
        (5, "linux") => true,
        _ => false,
    };

    // The same item on the same device always gets the same id, so that two concurrent instances add it once.
    private static string IdOf(string given, string to) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{given}/{to}")).AsSpan(0, 16)).ToString();
}
