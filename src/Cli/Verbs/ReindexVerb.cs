using System.CommandLine;
using Halley.Cli.Output;
using Halley.Client.Repair;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;

namespace Halley.Cli.Verbs;

/// <summary><c>halley reindex</c></summary>
internal static class ReindexVerb
{
    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Change nothing; show what would be done" };

    private static readonly Option<bool> ReadAllPacks = new("--read-all-packs")
    {
        Description = "Read the headers of all packs, including packs in the index",
    };

    public static Verb Create()
    {
        var verb = new Verb("reindex", "Rebuild the index from the packs.", "halley reindex", "halley reindex --read-all-packs")
        {
            DryRun, ReadAllPacks,
        };
        verb.OnVaultAlone(RunAsync, hasCache: false);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var isDryRun = context.Get(DryRun);
        var progress = new Progress(context.Terminal, context.Time);
        var result = await VaultReindex.RunAsync(
            vault, held, context.Get(ReadAllPacks), isDryRun, progress.ShowPacks, cancellationToken);
        foreach (var file in result.FilesReplaced.Concat(result.DamagedPacks))
        {
            context.Terminal.Print($"{file.File}: {file.Reason}");
            context.Terminal.Json(new VaultFileItem($"{file.File}", file.Reason, null), MessageJson.Default.VaultFileItem);
        }

        context.Terminal.Say(
            $"{Text.Count((ulong)result.PacksAdded, "pack", "packs")} {(isDryRun ? "would be" : "were")} added to the index, "
            + $"{result.PacksRemoved} that do not exist {(isDryRun ? "would be" : "were")} removed from it.");
        if (result.DamagedPacks.Count > 0)
        {
            context.Terminal.Print("Some packs are damaged. Run `halley repair`.");
        }

        context.Terminal.Json(
            new ReindexSummary(isDryRun, result.PacksAdded, result.PacksRemoved, result.DamagedPacks.Count, result.IsChanged),
            MessageJson.Default.ReindexSummary);
        return result.DamagedPacks.Count > 0 ? ExitCode.Failure : ExitCode.Success;
    }
}
