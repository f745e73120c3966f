using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Backup;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Selection;
using Halley.Storage.Disk;

namespace Halley.Cli.Verbs;

/// <summary><c>halley repair</c></summary>
internal static class RepairVerb
{
    private static readonly Option<bool> DryRun = new("--dry-run", "-n")
    {
        Description = "Change nothing; show what is damaged and lost",
    };

    private static readonly Option<string?> Aside = new("--aside")
    {
        Description = "Directory for copies of damaged files (default: halley-repair)",
        HelpName = "DIRECTORY",
    };

    private static readonly Option<bool> NoReadData = new("--no-read-data")
    {
        Description = "Do not read all packs; find only missing or truncated files and damaged directories",
    };

    private static readonly Option<bool> DropSnapshots = new("--drop-snapshots")
    {
        Description = "Remove snapshots that lost files instead of keeping the rest of them",
    };

    private static readonly Option<bool> Heal = new("--heal")
    {
        Description = "Only store lost data again, from the files of this machine that still have it; drop nothing",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "repair", "Repair a damaged vault with the data that is left, and report exactly what is lost.",
            "halley repair --dry-run", "halley repair --heal", "halley repair --aside /mnt/disk/damaged")
        {
            DryRun, Heal, Aside, NoReadData, DropSnapshots,
        };
        verb.OnVaultAlone(RunAsync, hasCache: false);
        return verb;
    }

    private static Task<int> RunAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken) =>
        !context.Get(Heal) ? RepairAsync(context, vault, held, cancellationToken)
        : new Option[] { DryRun, Aside, DropSnapshots }.FirstOrDefault(context.Has) is { } other
            ? throw new CommandException($"--heal changes nothing that {other.Name} is about. Heal first, then repair with {other.Name}.")
            : HealAsync(context, vault, held, cancellationToken);

    private static async Task<int> HealAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var options = new HealingOptions
        {
            ReadsData = !context.Get(NoReadData),
            Cache = context.Get(SharedOptions.NoCache) ? null : new(VaultAccess.CacheDirectoryOf(context)),
            MadeWith = snapshot => snapshot.HostName == vault.Options.HostName ? OptionsOf(snapshot) : null,
            OnPack = new Progress(context.Terminal, context.Time).ShowPacks,
        };
        var result = await VaultHealing.RunAsync(vault, held, options, cancellationToken);
        foreach (var pack in result.Packs)
        {
            context.Terminal.Print($"{pack.Reason} {pack.BlobsHealed} of {pack.BlobsLost} lost blobs are stored again.");
            context.Terminal.Json(
                new HealedPackItem($"{pack.File}", pack.Reason, pack.BlobsLost, pack.BlobsHealed, pack.IsForgotten),
                MessageJson.Default.HealedPackItem);
        }

        foreach (var file in result.Unreadable)
        {
            context.Terminal.Print($"{file.File}: {file.Reason}");
            context.Terminal.Json(new VaultFileItem($"{file.File}", file.Reason, KeptAs: null), MessageJson.Default.VaultFileItem);
        }

        foreach (var hurt in result.HurtSnapshots)
        {
            Show(context, hurt, "still lacks");
        }

        context.Terminal.Print(
            !result.IsWhole ? "Not everything could be healed. Heal on the other machines of this vault; `halley repair` drops the rest."
            : result.Packs.Any(pack => !pack.IsForgotten) ? "Nothing is lost. Run `halley repair` to set the damaged packs aside."
            : "Nothing is lost.");
        context.Terminal.Json(
            new HealingSummary(result.Packs.Count, result.BlobsHealed, result.HurtSnapshots.Count, result.IsWhole),
            MessageJson.Default.HealingSummary);
        return result.IsWhole ? ExitCode.Success : ExitCode.Failure;
    }

    // Patterns that cannot be read were made by another program; then files are healed, and directories from copies only.
    private static BackupOptions? OptionsOf(Snapshot snapshot)
    {
        try
        {
            return new BackupOptions { Rules = [.. snapshot.Excludes.Select(pattern => PathRule.Glob(pattern))] };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static async Task<int> RepairAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var isDryRun = context.Get(DryRun);
        var aside = Path.GetFullPath(context.Get(Aside) ?? "halley-repair");
        var progress = new Progress(context.Terminal, context.Time);
        var options = new RepairOptions
        {
            IsDryRun = isDryRun,
            ReadsData = !context.Get(NoReadData),
            Losses = context.Get(DropSnapshots) ? LossPolicy.DropSnapshots : LossPolicy.DropFiles,
            Aside = new DiskBlobStore(aside),
            OnPack = progress.ShowPacks,
        };
        var result = await VaultRepair.RunAsync(vault, held, options, cancellationToken);
        foreach (var file in result.DamagedFiles)
        {
            context.Terminal.Print($"{file.File}: {file.Reason}{(file.KeptAs is { } kept ? $" A copy is {kept} in {aside}." : "")}");
            context.Terminal.Json(
                new VaultFileItem($"{file.File}", file.Reason, file.KeptAs is { } name ? Path.Combine(aside, $"{name}") : null),
                MessageJson.Default.VaultFileItem);
        }

        foreach (var hurt in result.HurtSnapshots)
        {
            var fate = hurt.NewId is { } renewed ? $"is now {renewed.ShortText} without"
                : isDryRun ? "would lose"
                : "was removed because it lost";
            Show(context, hurt, fate);
        }

        context.Terminal.Say(
            $"{result.PacksIndexed} packs were added back to the index, {result.BlobsSaved} blobs were recovered from damaged packs.");
        context.Terminal.Print(
            result.IsWhole ? "The vault is whole."
            : isDryRun ? "Dry run: nothing was changed."
            : "Not everything could be repaired. Run `halley check` to see what is left.");
        context.Terminal.Json(
            new RepairSummary(
                isDryRun, result.DamagedFiles.Count, result.HurtSnapshots.Count, result.PacksIndexed, result.BlobsSaved, result.IsWhole),
            MessageJson.Default.RepairSummary);
        return result.IsWhole || isDryRun ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Show(VerbContext context, HurtSnapshot hurt, string fate)
    {
        context.Terminal.Print($"Snapshot {hurt.Id.ShortText}, made {Text.Time(hurt.Snapshot.Time)}, {fate}:");
        foreach (var lost in hurt.Lost)
        {
            context.Terminal.Print($"  {Terminal.Printable(lost.Path)}: {lost.Reason}");
        }

        context.Terminal.Json(
            new HurtSnapshotItem(
                $"{hurt.Id}", hurt.NewId?.ToString(), [.. hurt.Lost.Select(lost => new LostItem(lost.Path, lost.Reason))]),
            MessageJson.Default.HurtSnapshotItem);
    }
}
