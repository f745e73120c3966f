using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Client.Backup;
using Halley.Client.Repair;
using Halley.Client.Repository.Snapshots;
using Halley.Protocol;
using Halley.Protocol.Profiles;
using Halley.Storage;

namespace Halley.Client.Agent.Running;

/// <summary>Stores what a vault has lost again, from the files of this machine, and says what could not be healed.</summary>
internal sealed class HealingWork(
    JobRunnerOptions options, VaultOpening vaults, VaultLocks locks, UserProfileConfig profile, ProfileVault place)
{
    private readonly LostFileReports _reports = new(options, vaults);

    public async Task RunAsync(JobWork work)
    {
        var lost = await _reports.AskAsync(place, work.Stopped);
        using var vault = await vaults.OpenAsync(place, new VaultUse { Notice = work.Info, Late = work.Late }, work.Stopped);
        await locks.RunAsync(work, vault, isExclusive: true, async (held, token) =>
        {
            var sandbox = new HomeSandbox(profile.LinuxHomedirSandbox);
            var healing = new HealingOptions
            {
                Cache = new(options.CacheDirectory),
                MadeWith = snapshot => OptionsOf(work, snapshot),
                Allows = sandbox.Allows,
                OnPack = (done, all) => work.Report(vault.Store.Downloaded, done, all),
            };
            var result = await VaultHealing.RunAsync(vault.Vault, held, healing, token);
            Log(work, result);
            if (lost is { Names.Count: > 0 })
            {
                await ReportAsync(work, lost, result, token);
            }
        });
        work.Record.Change(job => (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded));
    }

    private BackupOptions? OptionsOf(JobWork work, Snapshot snapshot)
    {
        var isOwn = profile.Sources.TryGetValue(ItemTags.ItemOf(snapshot), out var item) && item.Engine == FileItem.Engine
            && item.OwnerDevice == options.State.RequireAccount().DeviceId;
        try
        {
            return isOwn ? FileItem.OptionsOf(item!, profile, static (_, _) => { }) : null;
        }
        catch (JobStop wrong)
        {
            work.Warn(wrong.Message);
            return null;
        }
    }

    private static void Log(JobWork work, HealingResult result)
    {
        foreach (var pack in result.Packs)
        {
            work.Log(
                pack.BlobsHealed == pack.BlobsLost ? JobSeverity.Info : JobSeverity.Warning,
                $"{pack.Reason} {pack.BlobsHealed} of {pack.BlobsLost} lost blobs are stored again.");
        }

        foreach (var file in result.Unreadable)
        {
            work.Error($"{file.Reason} Run `halley repair`.");
        }

        foreach (var hurt in result.HurtSnapshots)
        {
            work.Error($"Snapshot {hurt.Id.ShortText} of {hurt.Snapshot.Time} still lacks {hurt.Lost.Count} files or folders:");
            foreach (var one in hurt.Lost)
            {
                work.Error(work.ShowsFileNames ? $"{one.Path}: {one.Reason}" : $"A file or folder: {one.Reason}");
            }
        }

        work.Info(
            $"{result.BlobsHealed} blobs were stored again. "
            + (result.IsWhole ? "Nothing is lost." : "Other devices of this vault may heal more; `halley repair` drops the rest."));
    }

    // What other files of the vault were is not known, nor what snapshots need that cannot be read.
    private async Task ReportAsync(JobWork work, LostFiles lost, HealingResult result, CancellationToken cancellationToken)
    {
        var packs = lost.Names.Where(name => name.StartsWith($"{BlobName.NameOf(BlobType.Data)}/", StringComparison.Ordinal)).ToList();
        foreach (var other in lost.Names.Except(packs))
        {
            work.Warn($"{other} is lost. If backups are missing, run `halley reindex`.");
        }

        var bad = result.Packs.ToDictionary(pack => $"{pack.File}", pack => pack.IsForgotten, StringComparer.Ordinal);
        var isAllKnown = result.IsWhole && packs.Count == lost.Names.Count;
        var healed = packs.Where(name => bad.TryGetValue(name, out var isForgotten) ? isForgotten : isAllKnown).ToList();
        if (healed.Count > 0 && await _reports.ReportAsync(place, healed, cancellationToken) is { } refusal)
        {
            work.Warn($"The server still counts files as lost that nobody needs any more: {refusal}");
        }

        _reports.Handled(place.Id, lost);
    }
}
