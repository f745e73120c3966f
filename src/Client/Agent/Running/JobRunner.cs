using System.Collections.Concurrent;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Repository;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>
/// Runs the jobs of this machine. Each method returns the id of the job as soon as the job has started; the work goes on. What cannot be
/// begun, such as a backup of an item that the profile does not have, is a <see cref="RunnerException"/> and makes no job.
/// </summary>
public sealed class JobRunner
{
    private const long ForcedOn = 3;
    private const long ForcedOff = 4;

    private readonly JobRunnerOptions _options;
    private readonly VaultOpening _vaults;
    private readonly VaultLocks _locks;
    private readonly VaultStatistics _statistics;
    private readonly RetentionWork _retention;
    private readonly ConcurrentDictionary<Guid, Task> _running = new();
    private readonly Lock _healing = new();

    /// <summary>Makes it.</summary>
    public JobRunner(JobRunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _vaults = new VaultOpening(options);
        _locks = new VaultLocks(options);
        _statistics = new VaultStatistics(options);
        _retention = new RetentionWork(options, _locks, _statistics);
    }

    /// <summary>Backs up as a rule of the profile says.</summary>
    /// <param name="ruleId">The rule.</param>
    /// <param name="retryCount">How often it has failed before.</param>
    /// <param name="cancellationToken">Cancels the start, not the job.</param>
    public async Task<Guid> StartRuleAsync(string ruleId, long retryCount, CancellationToken cancellationToken)
    {
        var profile = await ReadProfileAsync(cancellationToken);
        if (!profile.BackupRules.TryGetValue(ruleId, out var rule))
        {
            throw new RunnerException(RunnerException.UnknownRule, $"The profile has no backup rule {ruleId}.");
        }

        rule.SkipAlreadyRunning = profile.Policy.ModeScheduleSkipAlreadyRunning switch
        {
            ForcedOn => true,
            ForcedOff => false,
            _ => rule.SkipAlreadyRunning,
        };
        return StartBackup(profile, rule.Source, rule.Destination, rule, ruleId, retryCount);
    }

    /// <summary>
    /// Backs up as a rule of the profile says, and returns how it ended. A backup that cannot be begun is a job that failed: nobody waits
    /// for an answer who could be told.
    /// </summary>
    /// <param name="ruleId">The rule.</param>
    /// <param name="cancellationToken">Cancels the job.</param>
    public async Task<JobStatus> RunRuleAsync(string ruleId, CancellationToken cancellationToken)
    {
        Guid id;
        try
        {
            id = await StartRuleAsync(ruleId, retryCount: 0, cancellationToken);
        }
        catch (Exception error) when (error is AccountException or HttpRequestException or RunnerException)
        {
            id = StartFailed(ruleId, error.Message);
        }

        await using var cancel = cancellationToken.Register(() => _options.History.FindRunning(id)?.Cancel("The job was cancelled."));
        await WaitAsync(id);
        return _options.History.Archive.Find(id)?.Status ?? JobStatus.Error;
    }

    /// <summary>Backs up a protected item.</summary>
    /// <param name="source">Id of the protected item.</param>
    /// <param name="destination">Id of the vault.</param>
    /// <param name="backup">How; null for the defaults.</param>
    /// <param name="ruleId">The rule whose commands run, too; empty for none.</param>
    /// <param name="cancellationToken">Cancels the start, not the job.</param>
    public async Task<Guid> StartBackupAsync(
        string source, string destination, BackupJobAdvancedOptions? backup, string ruleId, CancellationToken cancellationToken) =>
        StartBackup(await ReadProfileAsync(cancellationToken), source, destination, backup, ruleId, retryCount: 0);

    /// <summary>Restores.</summary>
    public async Task<Guid> StartRestoreAsync(RunRestoreArguments arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var profile = await ReadProfileAsync(cancellationToken);
        var vault = VaultOpening.Find(profile, arguments.Destination);
        if (RestoreWork.ProblemWith(arguments.Options, profile.LinuxHomedirSandbox) is { } problem)
        {
            throw problem;
        }

        var work = new RestoreWork(_vaults, _locks, profile, vault, arguments);
        return Start(Detail(JobClassification.Restore, arguments.Destination, arguments.Source), work.RunAsync);
    }

    /// <summary>Applies the retention rules of a vault and removes data that no snapshot needs.</summary>
    public async Task<Guid> StartRetentionAsync(string destination, CancellationToken cancellationToken)
    {
        var profile = await ReadProfileAsync(cancellationToken);
        var care = CareFor(profile, destination);
        return Start(Detail(JobClassification.Retention, destination), work => care.ApplyRetentionAsync(work, profile));
    }

    /// <summary>Rebuilds the index of a vault.</summary>
    public async Task<Guid> StartReindexAsync(string destination, CancellationToken cancellationToken)
    {
        var care = CareFor(await ReadProfileAsync(cancellationToken), destination);
        return Start(Detail(JobClassification.Reindex, destination), care.ReindexAsync);
    }

    /// <summary>Reads and verifies all data of a vault.</summary>
    public async Task<Guid> StartVerifyAsync(string destination, CancellationToken cancellationToken)
    {
        var care = CareFor(await ReadProfileAsync(cancellationToken), destination);
        return Start(Detail(JobClassification.DeepVerify, destination), care.VerifyAsync);
    }

    /// <summary>Removes locks of a vault.</summary>
    /// <param name="destination">Id of the vault.</param>
    /// <param name="all">True removes locks that a device may still hold, too.</param>
    /// <param name="cancellationToken">Cancels the start, not the job.</param>
    public async Task<Guid> StartUnlockAsync(string destination, bool all, CancellationToken cancellationToken)
    {
        var care = CareFor(await ReadProfileAsync(cancellationToken), destination);
        return Start(Detail(JobClassification.Unlock, destination), work => care.UnlockAsync(work, all));
    }

    /// <summary>Deletes snapshots.</summary>
    public async Task<Guid> StartDeletionAsync(string destination, IReadOnlyList<string> snapshots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshots);
        var profile = await ReadProfileAsync(cancellationToken);
        var care = CareFor(profile, destination);
        if (profile.Policy.PreventDeleteSingleSnapshots)
        {
            throw new RunnerException(
                RunnerException.NotAllowed, "The policy of the account does not allow single snapshots to be deleted.");
        }

        var ids = new List<BlobId>(snapshots.Count);
        foreach (var text in snapshots)
        {
            ids.Add(BlobId.TryParse(text, out var id) ? id : throw new RunnerException(
                RunnerException.UnknownSnapshot, $"'{text}' is not the id of a snapshot."));
        }

        return Start(Detail(JobClassification.DeleteSnapshot, destination), work => care.DeleteSnapshotsAsync(work, ids));
    }

    /// <summary>Restores files at random to nowhere and verifies them.</summary>
    public async Task<Guid> StartDrillAsync(string destination, CancellationToken cancellationToken)
    {
        var profile = await ReadProfileAsync(cancellationToken);
        var work = new DrillWork(_options, _vaults, _locks, profile, VaultOpening.Find(profile, destination));
        return Start(Detail(JobClassification.RestoreDrill, destination), work.RunAsync);
    }

    /// <summary>Stores lost data of a vault again, from the files of this machine.</summary>
    /// <returns>The job; the one that runs when this vault is being healed already.</returns>
    public async Task<Guid> StartHealingAsync(string destination, CancellationToken cancellationToken)
    {
        var profile = await ReadProfileAsync(cancellationToken);
        var work = new HealingWork(_options, _vaults, _locks, profile, VaultOpening.Find(profile, destination));
        lock (_healing)
        {
            return _options.History.Running.FirstOrDefault(IsOther) is { } other
                ? other.Id
                : Start(Detail(JobClassification.Healing, destination), work.RunAsync);
        }

        bool IsOther(JobRecord record) =>
            record.Read() is { Classification: JobClassification.Healing } job && job.DestinationGUID == destination;
    }

    /// <summary>Ends when a job has ended, and at once when it does not run.</summary>
    public Task WaitAsync(Guid job) => _running.GetValueOrDefault(job, Task.CompletedTask);

    /// <summary>Ends when all jobs have ended, which the caller has cancelled.</summary>
    public Task WaitForAllAsync() => Task.WhenAll(_running.Values);

    private Guid StartBackup(
        UserProfileConfig profile, string source, string destination, BackupJobAdvancedOptions? backup, string ruleId, long retryCount)
    {
        if (!profile.Sources.TryGetValue(source, out var item))
        {
            throw new RunnerException(RunnerException.UnknownItem, $"The profile has no protected item {source}.");
        }

        if (item.OwnerDevice.Length > 0 && item.OwnerDevice != _options.State.RequireAccount().DeviceId)
        {
            throw new RunnerException(
                RunnerException.OtherDevice, $"The protected item '{item.Description}' belongs to another device of the account.");
        }

        var vault = VaultOpening.Find(profile, destination);
        var order = new BackupOrder(
            profile, source, vault, backup ?? new BackupJobAdvancedOptions(), profile.BackupRules.GetValueOrDefault(ruleId));
        var detail = Detail(JobClassification.Backup, destination, source);
        (detail.BackupRuleGUID, detail.RetryCount, detail.Tags) = (ruleId, retryCount, order.Options.Tags);
        return Start(detail, new BackupWork(_options, _vaults, _locks, _retention, _statistics, order).RunAsync);
    }

    private Guid StartFailed(string ruleId, string message)
    {
        var rule = _options.FindProfile()?.BackupRules.GetValueOrDefault(ruleId);
        var detail = Detail(JobClassification.Backup, rule?.Destination ?? "", rule?.Source ?? "");
        detail.BackupRuleGUID = ruleId;
        return Start(detail, _ => throw new JobStop(JobStatus.Error, message));
    }

    private VaultCareWork CareFor(UserProfileConfig profile, string destination) =>
        new(_vaults, _locks, _retention, _statistics, VaultOpening.Find(profile, destination));

    private static BackupJobDetail Detail(JobClassification classification, string destination, string source = "") =>
        new() { Classification = classification, DestinationGUID = destination, SourceGUID = source };

    private async Task<UserProfileConfig> ReadProfileAsync(CancellationToken cancellationToken) =>
        (await _options.ReadProfile(cancellationToken)).Profile;

    private Guid Start(BackupJobDetail detail, Func<JobWork, Task> run)
    {
        var work = new JobWork(_options.History.Start(detail), _options.ShowsFileNames(), _options.Time);
        var id = work.Record.Id;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[id] = ended.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                using (work)
                {
                    await work.RunAsync(run);
                }
            }
            finally
            {
                _running.TryRemove(id, out _);
                ended.SetResult();
                GiveMemoryBack();
            }
        });
        return id;
    }

    // The agent rests for most of the day, and a job leaves indexes and buffers that nobody uses again.
    private void GiveMemoryBack()
    {
        if (_running.IsEmpty)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
