using Halley.Client.Accounts;
using Halley.Client.Checking;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Retention;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Running;

/// <summary>Work on a whole vault: retention, index, verification, locks, single snapshots.</summary>
internal sealed class VaultCareWork(
    VaultOpening vaults, VaultLocks locks, RetentionWork retention, VaultStatistics statistics, ProfileVault place)
{
    public Task ApplyRetentionAsync(JobWork work, UserProfileConfig profile) => RunAsync(
        work, hasCache: true, vault => retention.RunAsync(work, vault, profile, prunesAlways: true, VaultLocks.Patience));

    public Task ReindexAsync(JobWork work) => RunAsync(
        work, hasCache: false,
        vault => locks.RunAsync(work, vault, isExclusive: true, async (held, token) =>
        {
            var result = await VaultReindex.RunAsync(
                vault.Vault, held, readsAllHeaders: false, isDryRun: false, (done, all) => work.Report(0, done, all), token);
            foreach (var pack in result.DamagedPacks)
            {
                work.Error($"{pack.File} cannot be read: {pack.Reason}. Run `halley repair`.");
            }

            work.Info(
                $"{result.PacksAdded} packs were added to the index and {result.PacksRemoved} removed; {result.FilesReplaced.Count} index "
                + $"files were unreadable.{(result.IsChanged ? "" : " The index was right.")}");
        }));

    // Index and directories are read here, and each pack by its server; where no server can do that, every pack is downloaded.
    public Task VerifyAsync(JobWork work) => RunAsync(
        work, hasCache: false, // which could have copies of what is damaged
        vault => locks.RunAsync(work, vault, isExclusive: true, async (_, token) =>
        {
            var check = new CheckOptions
            {
                ReadData = PackSubset.All,
                Server = vaults.CheckOnServerOf(place),
                OnServerRefused = reason => work.Info($"{reason} The packs are downloaded instead."),
                OnFinding = finding => work.Log(
                    finding.IsDamage ? Jobs.JobSeverity.Error : Jobs.JobSeverity.Info, finding.Message),
                OnPackRead = (done, all) => work.Report(vault.Store.Downloaded, done, all),
            };
            var result = await VaultCheck.RunAsync(vault.Vault, check, token);
            work.Info(
                $"{result.Snapshots} snapshots, {result.Trees} folders and {result.PacksRead} packs were read and verified"
                + $"{(result.PacksVerified > 0 ? $", and {result.PacksVerified} packs by their server" : "")}; "
                + $"{(result.Damages == 0 ? "nothing is damaged" : $"{result.Damages} parts are damaged")}.");
            if (result.Damages == 0)
            {
                await statistics.SaveVerificationAsync(work, place);
            }
        }));

    public Task UnlockAsync(JobWork work, bool all) => RunAsync(work, hasCache: true, async vault =>
    {
        var removed = await vault.Vault.RemoveLocksAsync(all, work.Stopped);
        foreach (var entry in removed)
        {
            work.Info($"The lock of {entry.Lock?.Owner ?? "an unknown program"} was removed.");
        }

        work.Info($"{removed.Count} locks were removed.");
    });

    public Task DeleteSnapshotsAsync(JobWork work, IReadOnlyList<BlobId> snapshots) => RunAsync(
        work, hasCache: true,
        vault => locks.RunAsync(work, vault, isExclusive: true, async (held, token) =>
        {
            var result = await VaultRetention.ForgetAsync(vault.Vault, held, snapshots, token);
            foreach (var (id, error) in result.Failures)
            {
                work.Error($"Snapshot {id.ShortText} could not be removed: {error.Message}");
            }

            work.Info(
                $"{result.Deleted.Count} snapshots were removed; {snapshots.Count - result.Deleted.Count - result.Failures.Count} were "
                + "gone already. Their data stays until the retention rules are applied.");
        }));

    private async Task RunAsync(JobWork work, bool hasCache, Func<JobVault, Task> run)
    {
        using var vault = await vaults.OpenAsync(
            place, new VaultUse { HasCache = hasCache, Notice = work.Info, Late = work.Late }, work.Stopped);
        try
        {
            await run(vault);
        }
        finally
        {
            work.Record.Change(job => (job.UploadSize, job.DownloadSize) = (vault.Store.Uploaded, vault.Store.Downloaded));
        }
    }
}
