using System.Globalization;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.SignIn;

namespace Halley.Server.AuthRole.Accounts;

/// <summary>A protected item with its schedules, and the profile they are in.</summary>
internal sealed record ProtectedItem(SourceConfig Item, Dictionary<string, BackupRuleConfig> Rules, StoredProfile Stored);

/// <summary>Files and folders of a device that are backed up every day.</summary>
/// <param name="DeviceId">The device.</param>
/// <param name="VaultId">The vault.</param>
/// <param name="Paths">Absolute paths on the device.</param>
/// <param name="At">When, by the clock of the device.</param>
internal sealed record DailyFiles(string DeviceId, string VaultId, IReadOnlyList<string> Paths, TimeOnly At);

/// <summary>Operations on one protected item of a profile and the schedules that run it.</summary>
internal sealed class ProtectedItemActions(ProfileStore profiles, SourceStatusStore statuses, TimeProvider time)
{
    private const string FileEngine = "engine1/file";
    private const int MostPaths = 1000;
    private const int LongestPath = 4096;
    private const int LongestDescription = 80;
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

    /// <summary>Adds an item of files and folders with a schedule for every day, which also makes up for a missed run.</summary>
    public async Task<Refusal?> AddDailyAsync(AccountCaller caller, DailyFiles request, CancellationToken cancellationToken)
    {
        if (ProblemWith(request.Paths) is { } problem)
        {
            return AccountRefusals.InvalidProfile(problem);
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var description = string.Join(", ", request.Paths);
        var item = new SourceConfig
        {
            Engine = FileEngine,
            Description = description.Length > LongestDescription ? $"{description[..LongestDescription]}…" : description,
            OwnerDevice = request.DeviceId,
            CreateTime = now,
            ModifyTime = now,
            EngineProps = request.Paths.Index().ToDictionary(path => NameOf(path.Index), path => path.Item),
        };
        var rule = new BackupRuleConfig
        {
            Destination = request.VaultId,
            CreateTime = now,
            ModifyTime = now,
            SkipAlreadyRunning = true,
            Schedules =
            [
                new ScheduleConfig
                {
                    FrequencyType = ScheduleFrequencies.Daily,
                    SecondsPast = (ulong)request.At.ToTimeSpan().TotalSeconds,
                },
            ],
            EventTriggers = new BackupRuleEventTriggers { OnPCBootIfLastJobMissed = true },
        };
        return await ChangeAsync(
            caller,
            requiredHash: null,
            profile => !profile.Devices.ContainsKey(request.DeviceId) ? AccountRefusals.InvalidProfile("The account has no such device.")
                : !profile.Destinations.ContainsKey(request.VaultId) ? AccountRefusals.InvalidProfile("The account has no such vault.")
                : Set(profile, Guid.NewGuid().ToString(), item, new() { [Guid.NewGuid().ToString()] = rule }),
            cancellationToken);
    }

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

    // A key of the engine is a name and anything after it.
    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"INCLUDE-{index + 1:0000}");

    private static string? ProblemWith(IReadOnlyList<string> paths) =>
        paths.Count is 0 or > MostPaths ? $"Give 1 to {MostPaths} files or folders."
        : paths.FirstOrDefault(path => path.Length > LongestPath || path.Any(char.IsControl) || !IsAbsolute(path)) is { } wrong
            ? $"'{(wrong.Length > LongestDescription ? wrong[..LongestDescription] : wrong)}' is not an absolute path, such as /home or "
                + @"C:\Users."
        : null;

    // As on the system of the device, which need not be that of the server.
    private static bool IsAbsolute(string path) =>
        path.StartsWith('/') || path.StartsWith(@"\\", StringComparison.Ordinal)
        || (path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/');

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
