using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Halley.Client.Selection;

namespace Halley.Cli.Verbs;

/// <summary><c>halley find</c></summary>
internal static class FindVerb
{
    private static readonly Argument<string[]> Patterns = new("PATTERN")
    {
        Description = "Names or paths with *, ? and [a-z]; entries below a matching directory are not shown",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> Snapshots = new("--snapshot", "-s")
    {
        Description = "Search only this snapshot; can be given several times",
        HelpName = "SNAPSHOT",
    };

    private static readonly Option<bool> IgnoreCase = new("--ignore-case", "-i") { Description = "Ignore case" };

    private static readonly Option<bool> Long = new("--long", "-l") { Description = "Show permissions, size and time" };

    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "find", "Find files in all snapshots.", "halley find 'letter*.txt'", "halley find --host laptop -l /home/anna/taxes.ods")
        {
            Patterns, Snapshots, IgnoreCase, Long,
        };
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var patterns = context.Get(Patterns)!.Select(text => new PathPattern(text, context.Get(IgnoreCase))).ToList();
        var all = await vault.Snapshots.ListAsync(error => context.Terminal.Warn(error.Message), cancellationToken);
        var snapshots = SnapshotSearch.FindAll(all, context.Get(Snapshots) ?? [], Filter.FilterOf(context));
        var index = await vault.LoadIndexAsync(cancellationToken);
        var walk = new SnapshotWalk(vault, index, (path, message) => context.Terminal.Warn("find", path, message));
        var found = new List<FoundInSnapshot>();
        foreach (var (id, snapshot) in snapshots)
        {
            var nodes = new List<FoundNode>();
            bool Enters(SnapshotNode node) => !Matches(patterns, node) && MayMatchBelow(patterns, node);
            await foreach (var node in walk.RunAsync(snapshot.Tree, Enters, cancellationToken))
            {
                if (Matches(patterns, node))
                {
                    Print(context, node, id, snapshot.Time, isFirst: nodes.Count == 0);
                    nodes.Add(SnapshotObjects.Found(node.DisplayPath, node.Node));
                }
            }

            if (nodes.Count > 0)
            {
                found.Add(new(nodes, nodes.Count, id.ToString()));
            }
        }

        var hits = (ulong)found.Sum(snapshot => snapshot.Hits);
        context.Terminal.Say($"{Text.Count(hits, "hit", "hits")} in {Text.Count((ulong)found.Count, "snapshot", "snapshots")}");
        context.Terminal.Json(found, MessageJson.Default.IReadOnlyListFoundInSnapshot);
        return ExitCode.Success;
    }

    private static void Print(VerbContext context, SnapshotNode found, BlobId id, VaultTime time, bool isFirst)
    {
        if (isFirst)
        {
            context.Terminal.Say($"Snapshot {id.ShortText}, made {Text.Time(time)}");
        }

        var path = Terminal.Printable(found.DisplayPath);
        var node = found.Node;
        context.Terminal.Print(context.Get(Long)
            ? $"{Text.Permissions(node)} {(node.Type == NodeType.File ? node.Size : 0),12} {Text.Time(node.ModifyTime)} {path}"
            : path);
    }

    private static bool Matches(List<PathPattern> patterns, SnapshotNode node)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(node.Path.Span))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayMatchBelow(List<PathPattern> patterns, SnapshotNode node)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.MayMatchBelow(node.Path.Span))
            {
                return true;
            }
        }

        return false;
    }
}
