using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;
using Halley.Client.Retention;

namespace Halley.Cli.Verbs;

/// <summary><c>halley diff</c></summary>
internal static class DiffVerb
{
    private static readonly Argument<string> First = new("FIRST") { Description = "Snapshot id or prefix, or latest" };

    private static readonly Argument<string> Second = new("SECOND") { Description = "The snapshot to compare it with" };

    private static readonly Option<bool> Metadata = new("--metadata")
    {
        Description = "Also show entries that differ only in owner, permissions or time",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "diff", "Show the differences between two snapshots: + added, - removed, M modified, T type changed, U metadata changed.",
            "halley diff 1a2b3c4d latest", "halley diff --metadata 1a2b3c4d 5e6f7a8b")
        {
            First, Second, Metadata,
        };
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var snapshots = await vault.Snapshots.ListAsync(cancellationToken);
        var first = SnapshotSearch.Find(snapshots, context.Get(First)!, SnapshotFilter.All);
        var second = SnapshotSearch.Find(snapshots, context.Get(Second)!, SnapshotFilter.All);
        var index = await vault.LoadIndexAsync(cancellationToken);
        var (added, removed, changed) = (new Counts(), new Counts(), 0L);
        var comparison = new SnapshotComparison(vault, index, context.Get(Metadata));
        await foreach (var (entry, change) in comparison.RunAsync(first.Snapshot.Tree, second.Snapshot.Tree, cancellationToken))
        {
            var path = entry.Node.Type == NodeType.Directory ? $"{entry.DisplayPath}/" : entry.DisplayPath;
            var modifier = ModifierOf(change);
            context.Terminal.Print($"{modifier,-4} {Terminal.Printable(path)}");
            context.Terminal.Json(new DiffChange(path, modifier), MessageJson.Default.DiffChange);
            (change switch { SnapshotChange.Added => added, SnapshotChange.Removed => removed, _ => null })?.Add(entry.Node);
            changed += change.HasFlag(SnapshotChange.Content) ? 1 : 0;
        }

        context.Terminal.Say($"{Text.Count((ulong)changed, "file", "files")} changed; added {added}; removed {removed}");
        context.Terminal.Json(
            new DiffStatistics(first.Id.ToString(), second.Id.ToString(), changed, added.ToObject(), removed.ToObject()),
            MessageJson.Default.DiffStatistics);
        return ExitCode.Success;
    }

    private static string ModifierOf(SnapshotChange change) => change switch
    {
        SnapshotChange.Added => "+",
        SnapshotChange.Removed => "-",
        _ => (change.HasFlag(SnapshotChange.Type) ? "T" : "") + (change.HasFlag(SnapshotChange.Content) ? "M" : "")
            + (change.HasFlag(SnapshotChange.Metadata) ? "U" : ""),
    };

    private sealed class Counts
    {
        private long _files;
        private long _directories;
        private long _others;
        private ulong _bytes;

        public void Add(Node node)
        {
            _files += node.Type == NodeType.File ? 1 : 0;
            _directories += node.Type == NodeType.Directory ? 1 : 0;
            _others += node.Type is NodeType.File or NodeType.Directory ? 0 : 1;
            _bytes += node.Size;
        }

        public DiffStat ToObject() => new(_files, _directories, _others, _bytes);

        public override string ToString() =>
            $"{Text.Count((ulong)_files, "file", "files")}, {Text.Count((ulong)_directories, "directory", "directories")}, "
            + Text.Bytes(_bytes);
    }
}
