using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Retention;
using Halley.Protocol.Profiles;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Removes the snapshots of a vault that no rule keeps, and then the data that no snapshot needs. Each protected item has its rules, or
/// those of the vault. The newest snapshot of an item always stays, unless its rules are "no jobs".
/// </summary>
internal sealed class RetentionWork(JobRunnerOptions options, VaultLocks locks, VaultStatistics statistics)
{
    private const long EachTime = 1;
    private const long MoreOften = 2;
    private const long LessOften = 3;
    private const long LastJobs = 900;

    private static readonly TimeSpan PatienceAfterBackup = TimeSpan.FromMinutes(1);

    private readonly VaultTimes _times = new(options.State, "retention");

    /// <summary>Applies the rules after a backup, unless that was done not long ago. It never makes a good backup a failed one.</summary>
    public async Task RunAfterBackupAsync(JobWork work, JobVault vault, UserProfileConfig profile, long level)
    {
        if (options.Time.GetUtcNow() - (_times.Find(vault.Place.Id) ?? default) < IntervalOf(level) || !HasRules(vault, profile))
        {
            return;
        }

        try
        {
            await RunAsync(work, vault, profile, prunesAlways: false, PatienceAfterBackup);
        }
        catch (Exception error) when (error is VaultException or BlobStoreException or JobStop)
        {
            work.Warn($"The backup is complete, but the retention rules were not applied: {error.Message}");
        }
    }

    /// <summary>Applies the rules; how that ended is in the profile, too.</summary>
    public async Task RunAsync(JobWork work, JobVault vault, UserProfileConfig profile, bool prunesAlways, TimeSpan patience)
    {
        try
        {
            await RunLockedAsync(work, vault, profile, prunesAlways, patience);
        }
        catch (Exception error) when (error is VaultException or BlobStoreException)
        {
            await statistics.SaveRetentionAsync(work, vault.Place, error.Message);
            throw;
        }

        await statistics.SaveRetentionAsync(work, vault.Place, "");
    }

    private Task RunLockedAsync(
        JobWork work, JobVault vault, UserProfileConfig profile, bool prunesAlways, TimeSpan patience) => locks.RunAsync(
        work, vault, isExclusive: true,
        async (held, token) =>
        {
            var snapshots = await vault.Vault.Snapshots.ListAsync(token);
            var removed = snapshots.GroupBy(entry => ItemTags.ItemOf(entry.Snapshot))
                .SelectMany(group => Choose(work, vault, profile, group.Key, [.. group])).ToList();
            var result = await VaultRetention.ForgetAsync(vault.Vault, held, removed, token);
            foreach (var (id, error) in result.Failures)
            {
                work.Warn($"Snapshot {id.ShortText} could not be removed: {error.Message}");
            }

            work.Info($"Retention removed {result.Deleted.Count} of {snapshots.Count} snapshots.");
            if (prunesAlways || result.Deleted.Count > 0)
            {
                await PruneAsync(work, vault, held, token);
            }

            _times.Save(vault.Place.Id, options.Time.GetUtcNow());
        },
        patience);

    private static async Task PruneAsync(JobWork work, JobVault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var result = await VaultPrune.RunAsync(
            vault.Vault, held,
            new() { OnProgress = progress => work.Report(0, progress.Done, progress.Total ?? 0) },
            cancellationToken);
        work.Info($"Data that no snapshot needs was removed: {ByteText.Of(result.FreedBytes)}.");
    }

    private static bool HasRules(JobVault vault, UserProfileConfig profile) =>
        vault.Place.Config.DefaultRetention.Mode == RetentionPolicy.KeepRanges
        || profile.Sources.Values.Any(item => item.OverrideDestinationRetention.ContainsKey(vault.Place.Id))
        || profile.Devices.Values.Any(device => device.Sources.Values.Any(item =>
            item.OverrideDestinationRetention.ContainsKey(vault.Place.Id)));

    // Of an item that this program cannot judge, all snapshots stay.
    private IReadOnlyList<BlobId> Choose(
        JobWork work, JobVault vault, UserProfileConfig profile, string itemId, IReadOnlyList<SnapshotEntry> snapshots)
    {
        try
        {
            var policy = PolicyOf(vault, profile, itemId);
            if (ProfileRetention.RulesOf(policy) is not { } rules)
            {
                return [];
            }

            var keepsNone = policy.Ranges.Count > 0 && policy.Ranges.TrueForAll(range => range.Type == LastJobs && range.Jobs <= 0);
            var retention = new RetentionOptions
            {
                Rules = keepsNone || rules.Count == 0 ? rules : [.. rules, new KeepLast(1)],
                Grouping = itemId.Length > 0 ? SnapshotGrouping.None : SnapshotGrouping.Host | SnapshotGrouping.Paths,
                MayRemoveAll = keepsNone,
            };
            return VaultRetention.Plan(snapshots, retention, options.Time.GetUtcNow()).Removed;
        }
        catch (VaultException error) when (error.Fault is VaultFault.Unsupported or VaultFault.Refused)
        {
            var name = profile.Sources.TryGetValue(itemId, out var item) ? $"'{item.Description}'" : "an item";
            work.Warn($"No snapshots of {name} were removed: {error.Message}");
            return [];
        }
    }

    private static RetentionPolicy PolicyOf(JobVault vault, UserProfileConfig profile, string itemId)
    {
        var vaultId = vault.Place.Id;
        var overrides = profile.Sources.GetValueOrDefault(itemId)?.OverrideDestinationRetention
            ?? profile.Devices.Values.Select(device => device.Sources.GetValueOrDefault(itemId)).OfType<SourceBasicInfo>()
                .FirstOrDefault()?.OverrideDestinationRetention;
        return overrides?.GetValueOrDefault(vaultId) is { } own && !profile.Policy.PreventProtectedItemRetention
            ? own
            : vault.Place.Config.DefaultRetention;
    }

    private static TimeSpan IntervalOf(long level) => level switch
    {
        EachTime => TimeSpan.Zero,
        MoreOften => TimeSpan.FromHours(6),
        LessOften => TimeSpan.FromDays(7),
        _ => TimeSpan.FromDays(1),
    };
}
