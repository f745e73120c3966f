using System.CommandLine;
using Halley.Cli.Output;
using Halley.Client.Prune;

namespace Halley.Cli.Settings;

/// <summary>The options that limit a prune, and the report of one.</summary>
internal sealed class PruneSettings
{
    private readonly Option<string?> _maxUnused = new("--max-unused")
    {
        Description = "How much unused data may remain: a size, a percentage, or unlimited (default: 5%)",
        HelpName = "LIMIT",
    };

    private readonly Option<string?> _maxRepack = new("--max-repack-size")
    {
        Description = "Repack at most this much",
        HelpName = "SIZE",
    };

    private readonly Option<bool> _cacheableOnly = new("--repack-cacheable-only") { Description = "Repack only packs of directories" };

    private readonly Option<bool> _small = new("--repack-small") { Description = "Repack packs that are much too small" };

    private readonly Option<bool> _uncompressed = new("--repack-uncompressed") { Description = "Compress uncompressed data" };

    public void AddTo(Verb verb)
    {
        verb.Add(_maxUnused);
        verb.Add(_maxRepack);
        verb.Add(_cacheableOnly);
        verb.Add(_small);
        verb.Add(_uncompressed);
    }

    public PruneOptions OptionsOf(VerbContext context, bool isDryRun)
    {
        var limit = UnusedLimit.Default;
        if (context.Get(_maxUnused) is { } text && !UnusedLimit.TryParse(text, out limit))
        {
            throw new CommandException($"'{text}' is not a limit. Write it like 5%, 200M or unlimited.");
        }

        var progress = new Progress(context.Terminal, context.Time);
        return new()
        {
            IsDryRun = isDryRun,
            MaxUnused = limit,
            MaxRepackBytes = context.Get(_maxRepack) is { } size ? Quantity.ParseBytes(size) : null,
            RepacksCacheableOnly = context.Get(_cacheableOnly),
            RepacksSmall = context.Get(_small),
            RepacksUncompressed = context.Get(_uncompressed),
            OnProgress = state =>
            {
                if (!context.Terminal.IsJson && progress.IsDue())
                {
                    context.Terminal.Show($"[{Text.Duration(progress.Elapsed)}] {WordOf(state)}");
                }
            },
        };
    }

    public static void Report(VerbContext context, PruneResult result, bool isDryRun)
    {
        context.Terminal.Say(
            $"Used {result.UsedBlobs.Count} blobs ({Text.Bytes(result.UsedBlobs.Bytes)}), unused {result.UnusedBlobs.Count} "
            + $"({Text.Bytes(result.UnusedBlobs.Bytes)}), {result.DuplicateBlobs.Count} duplicate");
        context.Terminal.Say(
            $"Packs: {result.KeptPacks.Count} kept, {result.RepackedPacks.Count} {(isDryRun ? "would be" : "were")} repacked, "
            + $"{result.DeletedPacks.Count + result.UnindexedPacks.Count} {(isDryRun ? "would be" : "were")} deleted");
        context.Terminal.Say(
            $"{(isDryRun ? "Would free" : "Freed")} {Text.Bytes(result.FreedBytes)}; "
            + $"{Text.Bytes(result.UnusedBytesLeft)} of unused data remain.");
    }

    private static string WordOf(PruneProgress state)
    {
        var what = state.Stage switch
        {
            PruneStage.Reading => "directories read",
            PruneStage.Repacking => "packs repacked",
            PruneStage.Deleting => "packs deleted",
            _ => "lists of packs renewed",
        };
        return state.Total is { } total ? $"{state.Done} of {total} {what}" : $"{state.Done} {what}";
    }
}
