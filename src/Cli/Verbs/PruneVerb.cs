using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;

namespace Halley.Cli.Verbs;

/// <summary><c>halley prune</c></summary>
internal static class PruneVerb
{
    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Change nothing; show what would be done" };

    private static readonly PruneSettings Settings = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "prune", "Remove data that no snapshot needs.", "halley prune --dry-run", "halley prune --max-unused 10% --max-repack-size 5G")
        {
            DryRun,
        };
        Settings.AddTo(verb);
        verb.OnVaultAlone(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var isDryRun = context.Get(DryRun);
        var result = await VaultPrune.RunAsync(vault, held, Settings.OptionsOf(context, isDryRun), cancellationToken);
        PruneSettings.Report(context, result, isDryRun);
        context.Terminal.Json(
            new PruneSummary(
                isDryRun, result.UsedBlobs.Count, result.UnusedBlobs.Count, result.DuplicateBlobs.Count, result.KeptPacks.Count,
                result.RepackedPacks.Count, result.DeletedPacks.Count + result.UnindexedPacks.Count, result.MissingPacks,
                result.UsedBlobs.Bytes, result.UnusedBlobs.Bytes, result.FreedBytes, result.UnusedBytesLeft),
            MessageJson.Default.PruneSummary);
        return ExitCode.Success;
    }
}
