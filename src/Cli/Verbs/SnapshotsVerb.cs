using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;

namespace Halley.Cli.Verbs;

/// <summary><c>halley snapshots</c></summary>
internal static class SnapshotsVerb
{
    private static readonly Argument<string[]> Names = new("SNAPSHOT")
    {
        Description = "Snapshot ids or prefixes (default: all that match)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<int?> Latest = new("--latest")
    {
        Description = "Show only the newest N for each machine and set of paths",
        HelpName = "N",
    };

    private static readonly Option<string?> GroupBy = new("--group-by", "-g")
    {
        Description = "Group by host, paths and tags, separated by commas",
        HelpName = "WORDS",
    };

    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "snapshots", "List the backups of a vault.",
            "halley snapshots", "halley snapshots --host laptop --latest 1", "halley snapshots --json --tag monthly")
        {
            Names, Latest, GroupBy,
        };
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var isDamaged = false;
        var all = await vault.Snapshots.ListAsync(
            error =>
            {
                isDamaged = true;
                context.Terminal.Warn(error.Message);
            },
            cancellationToken);
        var found = SnapshotSearch.FindAll(all, context.Get(Names) ?? [], Filter.FilterOf(context));
        if (context.Get(Latest) is { } count)
        {
            var groups = found.GroupBy(entry => SnapshotGroups.KeyOf(entry.Snapshot, ["host", "paths"]));
            var kept = groups.SelectMany(group => group.TakeLast(count)).ToHashSet();
            found = [.. found.Where(kept.Contains)];
        }

        if (context.Get(GroupBy) is { } words)
        {
            PrintGroups(context, SnapshotGroups.Of(found, words));
        }
        else
        {
            Print(context, found);
            context.Terminal.Json(
                [.. found.Select(SnapshotObjects.Of)], MessageJson.Default.IReadOnlyListSnapshotObject);
        }

        return isDamaged ? ExitCode.Failure : ExitCode.Success;
    }

    private static void PrintGroups(VerbContext context, IReadOnlyList<(GroupKey Key, IReadOnlyList<SnapshotEntry> Snapshots)> groups)
    {
        foreach (var (key, snapshots) in groups)
        {
            context.Terminal.Print($"Snapshots of {SnapshotGroups.TextOf(key)}");
            Print(context, snapshots);
            context.Terminal.Print("");
        }

        context.Terminal.Json(
            [.. groups.Select(group => new SnapshotGroup(group.Key, [.. group.Snapshots.Select(SnapshotObjects.Of)]))],
            MessageJson.Default.IReadOnlyListSnapshotGroup);
    }

    private static void Print(VerbContext context, IReadOnlyList<SnapshotEntry> snapshots)
    {
        if (snapshots.Count > 0)
        {
            var table = new Table("ID", "Time", "Host", "Tags", "Size", "Paths");
            foreach (var (id, snapshot) in snapshots)
            {
                var size = snapshot.Summary is { } summary ? Text.Bytes(summary.TotalBytesProcessed) : "";
                string[] cells = [id.ShortText, Text.Time(snapshot.Time), snapshot.HostName, string.Join(',', snapshot.Tags), size, ""];
                table.Add(cells, snapshot.Paths, column: 5);
            }

            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print(Text.CountOrHint(
            snapshots.Count, "snapshot", "snapshots", "Make one: halley backup PATH. A filter may hide others"));
    }
}
