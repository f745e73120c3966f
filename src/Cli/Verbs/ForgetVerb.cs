using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Client.Browsing;
using Halley.Client.Prune;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Retention;

namespace Halley.Cli.Verbs;

/// <summary><c>halley forget</c></summary>
internal static class ForgetVerb
{
    private static readonly Argument<string[]> Names = new("SNAPSHOT")
    {
        Description = "Snapshot ids or prefixes to remove; without them, the --keep options decide",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> GroupBy = new("--group-by", "-g")
    {
        Description = "Group snapshots by host, paths and tags, separated by commas; '' for a single group",
        HelpName = "WORDS",
        DefaultValueFactory = _ => "host,paths",
    };

    private static readonly Option<bool> DryRun = new("--dry-run", "-n")
    {
        Description = "Remove nothing; show what would be removed and why the rest is kept",
    };

    private static readonly Option<bool> Prune = new("--prune") { Description = "Also remove data that no snapshot needs any more" };

    private static readonly Option<bool> AllowAll = new("--unsafe-allow-remove-all")
    {
        Description = "Allow removing all snapshots of a group",
    };

    private static readonly KeepOptions Keep = new();
    private static readonly PruneSettings PruneOptions = new();
    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "forget", "Remove snapshots according to rules that say which ones to keep.",
            "halley forget --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run", "halley forget --keep-last 3 --prune",
            "halley forget 1a2b3c4d")
        {
            Names, GroupBy, DryRun, Prune, AllowAll,
        };
        Keep.AddTo(verb);
        PruneOptions.AddTo(verb);
        Filter.AddTo(verb);
        verb.OnVaultAlone(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var isDryRun = context.Get(DryRun);
        var snapshots = await vault.Snapshots.ListAsync(cancellationToken);
        IReadOnlyList<BlobId> removed;
        if (context.Get(Names) is { Length: > 0 } names)
        {
            removed = [.. SnapshotSearch.FindAll(snapshots, names, SnapshotFilter.All).Select(entry => entry.Id)];
        }
        else
        {
            var options = new RetentionOptions
            {
                Rules = Keep.RulesOf(context),
                Filter = Filter.FilterOf(context),
                Grouping = GroupingOf(context.Get(GroupBy)!),
                MayRemoveAll = context.Get(AllowAll),
            };
            var plan = VaultRetention.Plan(snapshots, options, context.Time.GetUtcNow());
            removed = plan.Removed;
            foreach (var group in plan.Groups)
            {
                Print(context, group, isDryRun);
            }

            context.Terminal.Json([.. plan.Groups.Select(ObjectOf)], MessageJson.Default.IReadOnlyListForgetGroup);
        }

        var isComplete = true;
        if (!isDryRun)
        {
            var result = await VaultRetention.ForgetAsync(vault, held, removed, cancellationToken);
            foreach (var (id, error) in result.Failures)
            {
                context.Terminal.Warn($"Snapshot {id.ShortText} could not be removed: {error.Message}");
            }

            isComplete = result.Failures.Count == 0;
            removed = [.. removed.Except(result.Failures.Select(failure => failure.Id))];
        }

        context.Terminal.Say($"{(isDryRun ? "Would remove" : "Removed")} {Text.Count((ulong)removed.Count, "snapshot", "snapshots")}.");
        if (context.Get(Prune) && (removed.Count > 0 || isDryRun))
        {
            var options = PruneOptions.OptionsOf(context, isDryRun) with { Forgotten = removed.Where(_ => isDryRun).ToHashSet() };
            PruneSettings.Report(context, await VaultPrune.RunAsync(vault, held, options, cancellationToken), isDryRun);
        }
        else if (removed.Count > 0 && !isDryRun)
        {
            context.Terminal.Say("Run `halley prune` to remove their data.");
        }

        return isComplete ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static void Print(VerbContext context, RetentionGroup group, bool isDryRun)
    {
        var title = SnapshotGroups.TextOf(new GroupKey(group.HostName, group.Paths, group.Tags));
        context.Terminal.Say($"{title}: {group.Kept.Count} kept, {group.Removed.Count} {(isDryRun ? "would be removed" : "removed")}");
        var table = new Table("", "ID", "Time", "Host", "Why", "Paths");
        foreach (var kept in group.Kept)
        {
            var (id, snapshot) = kept.Snapshot;
            var reasons = string.Join(", ", kept.Reasons);
            table.Add("keep", id.ShortText, Text.Time(snapshot.Time), snapshot.HostName, reasons, PathsOf(snapshot.Paths));
        }

        foreach (var (id, snapshot) in group.Removed)
        {
            table.Add("remove", id.ShortText, Text.Time(snapshot.Time), snapshot.HostName, "", PathsOf(snapshot.Paths));
        }

        if (!context.Terminal.IsQuiet)
        {
            table.PrintTo(context.Terminal);
        }
    }

    private static ForgetGroup ObjectOf(RetentionGroup group) => new(
        group.Tags, group.HostName, group.Paths, [.. group.Kept.Select(kept => SnapshotObjects.Of(kept.Snapshot))],
        [.. group.Removed.Select(SnapshotObjects.Of)],
        [.. group.Kept.Select(kept => new KeepReason(SnapshotObjects.Of(kept.Snapshot), kept.Reasons))]);

    private static string PathsOf(IReadOnlyList<string> paths) => string.Join(", ", paths);

    private static SnapshotGrouping GroupingOf(string words) => TagList.Parse(words)
        .Aggregate(SnapshotGrouping.None, (grouping, word) => grouping | word switch
        {
            "host" => SnapshotGrouping.Host,
            "path" or "paths" => SnapshotGrouping.Paths,
            "tag" or "tags" => SnapshotGrouping.Tags,
            _ => throw new CommandException($"'{word}' cannot be grouped by. Use host, paths and tags."),
        });
}
