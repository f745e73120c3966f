using Halley.Client.Accounts;
using Halley.Client.Backup;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>What a backup is of.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="ItemId">Id of the protected item.</param>
/// <param name="Vault">The vault.</param>
/// <param name="Options">How it runs.</param>
/// <param name="Rule">The backup rule; null without one.</param>
internal sealed record BackupOrder(
    UserProfileConfig Profile, string ItemId, ProfileVault Vault, BackupJobAdvancedOptions Options, BackupRuleConfig? Rule)
{
    public SourceConfig Item => Profile.Sources[ItemId];
}

/// <summary>A backup of a protected item: commands, backup, retention.</summary>
internal sealed class BackupWork(
    JobRunnerOptions options, VaultOpening vaults, VaultLocks locks, RetentionWork retention, VaultStatistics statistics,
    BackupOrder order)
{
    public async Task RunAsync(JobWork work)
    {
        ReadLogOptions(work);
        SkipIfRunning(work);
        work.StopAfter(order.Options.StopAfter);
        var backup = ReadItem(work);
        try
        {
            var hooks = new HookCommands(order.Item, order.Vault.Config, order.Rule);
            try
            {
                await hooks.RunBeforeAsync(work);
                await RunFollowingAsync(work, hooks, backup);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                work.Fail(error); // before the commands that follow, so that the log is in order
            }
            finally
            {
                await hooks.RunAfterAsync(work);
            }
        }
        finally
        {
            foreach (var input in backup.Inputs)
            {
                await input.Content.DisposeAsync();
            }
        }
    }

    private void ReadLogOptions(JobWork work)
    {
        if (JobLogLevel.TryParse(order.Options.LogLevel, out var least))
        {
            work.LeastLogged = least;
        }
        else
        {
            work.Info($"LogLevel '{order.Options.LogLevel}' is not known, so everything is logged. Use D, I, W or E.");
        }

        if (order.Options.UseOnDiskIndexes)
        {
            work.Info("The option UseOnDiskIndexes has no effect: the index of a vault takes little memory here.");
        }
    }

    // Of two that start at the same moment, one runs.
    private void SkipIfRunning(JobWork work)
    {
        var own = $"{work.Record.Id:D}";
        var other = !order.Options.SkipAlreadyRunning ? null
            : options.History.Running.Select(job => job.Read()).FirstOrDefault(job =>
                job.Classification == JobClassification.Backup && job.SourceGUID == order.ItemId && job.DestinationGUID == order.Vault.Id
                && string.CompareOrdinal(job.GUID, own) < 0);
        if (other is not null)
        {
            work.Record.Change(job => job.ConflictingJobID = other.GUID);
            throw new JobStop(JobStatus.Skipped, "A backup of this item to this vault is running already, so this one was skipped.");
        }
    }

    private BackupOptions ReadItem(JobWork work)
    {
        var backup = order.Item.Engine switch
        {
            FileItem.Engine => FileItem.OptionsOf(order.Item, order.Profile, work.Log),
            ProgramItem.Engine => ProgramItem.OptionsOf(ProgramItem.ProgramsOf(order.Item), work.Warn),
            var engine => throw new JobStop(
                JobStatus.Error,
                $"This client cannot back up items of type {engine}. It backs up files and folders ({FileItem.Engine}) and the output of "
                + $"programs ({ProgramItem.Engine})."),
        };
        return backup with
        {
            Tags = ItemTags.Of(order.ItemId, order.Item.Engine, order.Options.Tags),
            ScansAhead = backup.Inputs.Count == 0,
            Workers = order.Options.ReduceDiskConcurrency ? 1
                : order.Options.ConcurrencyCount > 0 ? (int)Math.Min(order.Options.ConcurrencyCount, 64)
                : backup.Workers,
            OnWarning = warning => work.WarnOf(warning.Path, warning.Message),
        };
    }

    // An administrator has moved the bucket to another server.
    private async Task RunFollowingAsync(JobWork work, HookCommands hooks, BackupOptions backup)
    {
        try
        {
            await RunAsync(work, hooks, backup);
        }
        catch (BlobStoreException error) when (error.MovedTo is { } address)
        {
            order = order with { Vault = await vaults.FollowAsync(order.Vault, address, work.Stopped) };
            work.Info($"The vault has moved. The profile has the new address: {order.Vault.Place}.");
            if (backup.Inputs.Count > 0)
            {
                throw new JobStop(
                    JobStatus.Error, "The vault moved while the output of a program was read. The next backup goes to the new place.");
            }

            await RunAsync(work, hooks, backup);
        }
    }

    private async Task RunAsync(JobWork work, HookCommands hooks, BackupOptions backup)
    {
        if (backup.Inputs.Count == 0 && !backup.AllPaths.Any(IsThere))
        {
            await hooks.RunThawAsync(work);
            EndWithoutFiles(work, "None of the selected paths exists, so no snapshot was made.");
            return;
        }

        var use = new VaultUse { BytesPerSecond = order.Options.LimitVaultSpeedBps, Notice = work.Info, Late = work.Late };
        using var vault = await vaults.OpenForBackupAsync(order.Vault, use, work.Stopped);
        work.Info($"Backing up '{order.Item.Description}' to '{order.Vault.Config.Description}'.");
        var size = await MeasureAsync(work, vault);
        BackupResult result;
        try
        {
            CheckQuotas(work, vault, backup, size);
            result = await BackUpAsync(work, vault, backup);
        }
        finally
        {
            await hooks.RunThawAsync(work); // this client makes no snapshots of file systems: from now on it reads no file
        }

        Finish(work, result);
        if (!work.HasErrors)
        {
            await retention.RunAfterBackupAsync(work, vault, order.Profile, order.Options.AutoRetentionLevel);
        }

        var now = options.Time.GetUtcNow().ToUnixTimeSeconds();
        var measured = new SizeMeasurement(Math.Max(0, size + vault.Store.Uploaded - vault.Store.Deleted), now, now);
        work.Record.Change(job =>
        {
            job.DestinationSizeEnd = measured;
            (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded);
        });
        await statistics.SaveSizeAsync(work, vault.Place, measured);
    }

    private async Task<long> MeasureAsync(JobWork work, JobVault vault)
    {
        var start = options.Time.GetUtcNow().ToUnixTimeSeconds();
        var size = await vault.MeasureAsync(work.Stopped);
        work.Record.Change(job => job.DestinationSizeStart = new(size, start, options.Time.GetUtcNow().ToUnixTimeSeconds()));
        return size;
    }

    private void CheckQuotas(JobWork work, JobVault vault, BackupOptions backup, long size)
    {
        if (vault.Place.Config.StorageLimitEnabled && size >= vault.Place.Config.StorageLimitBytes)
        {
            throw new JobStop(
                JobStatus.QuotaExceeded,
                $"The vault has {ByteText.Of(size)}, and its quota is {ByteText.Of(vault.Place.Config.StorageLimitBytes)}. "
                + "Remove snapshots, or ask for a larger quota.");
        }

        if (!order.Profile.AllProtectedItemsQuotaEnabled)
        {
            return;
        }

        var paths = backup.AllPaths.Select(path => SourcePath.Of(path, backup.Directory)).ToList();
        var selected = new BackupScan(backup, paths).Run(work.Stopped).Bytes + order.Profile.Sources
            .Where(item => item.Key != order.ItemId).Sum(item => item.Value.Statistics.LastSuccessfulBackupJob.TotalSize);
        if (selected > order.Profile.AllProtectedItemsQuotaBytes)
        {
            throw new JobStop(
                JobStatus.QuotaExceeded,
                $"All protected items together have {ByteText.Of(selected)}, and the quota of the account is "
                + $"{ByteText.Of(order.Profile.AllProtectedItemsQuotaBytes)}. Select less, or ask for a larger quota.");
        }
    }

    private Task<BackupResult> BackUpAsync(JobWork work, JobVault vault, BackupOptions backup)
    {
        backup = backup with
        {
            Progress = progress => work.Report(
                progress.Bytes, progress.Files, progress.Total?.Files ?? 0,
                job =>
                {
                    (job.TotalFiles, job.TotalSize) = (progress.Files, progress.Bytes);
                    (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded);
                }),
        };
        return locks.WaitAsync(
            work, vault,
            async () =>
            {
                var outcome = await VaultBackup.RunAsync(vault.Vault, backup, work.Stopped);
                return (outcome.Result, outcome.Conflicts);
            },
            VaultLocks.Patience);
    }

    private void Finish(JobWork work, BackupResult result)
    {
        var summary = result.Snapshot.Summary!;
        work.Record.Change(job =>
        {
            job.SnapshotID = result.Id?.ToString() ?? "";
            job.TotalFiles = (long)summary.TotalFilesProcessed;
            job.TotalDirectories = (long)(summary.DirectoriesNew + summary.DirectoriesChanged + summary.DirectoriesUnmodified);
            job.TotalSize = (long)summary.TotalBytesProcessed;
            job.TotalChunks = result.Chunks;
            (job.Progress.BytesDone, job.Progress.ItemsDone) = (job.TotalSize, job.TotalFiles);
            job.Progress.ItemsTotal = job.TotalFiles;
        });
        work.Info(
            $"Snapshot {result.Id?.ShortText} has {summary.TotalFilesProcessed} files, {summary.FilesNew} new and {summary.FilesChanged} "
            + $"changed, {ByteText.Of((long)summary.TotalBytesProcessed)}; {ByteText.Of((long)summary.DataAddedPacked)} were added to the "
            + "vault.");
        if (summary.TotalFilesProcessed == 0)
        {
            EndWithoutFiles(work, "The selected folders have no files.");
        }
    }

    private void EndWithoutFiles(JobWork work, string message)
    {
        if (order.Options.AllowZeroFilesSuccess)
        {
            work.Info(message);
        }
        else
        {
            work.Error($"{message} Select other files, or allow backups without files.");
        }
    }

    private static bool IsThere(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
