using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Cli.Verbs;

/// <summary><c>halley stats</c></summary>
internal static class StatsVerb
{
    private const string RestoreSize = "restore-size";
    private const string RawData = "raw-data";

    private static readonly Argument<string[]> Names = new("SNAPSHOT")
    {
        Description = "Snapshot ids or prefixes (default: all that match)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Mode = new("--mode")
    {
        Description = $"What to count: {RestoreSize} (size of the restored files) or {RawData} (space used in the vault)",
        HelpName = "MODE",
        DefaultValueFactory = _ => RestoreSize,
    };

    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb("stats", "Count files and bytes of snapshots.", "halley stats latest", $"halley stats --mode {RawData}")
        {
            Names, Mode,
        };
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var mode = context.Get(Mode)!;
        if (mode is not (RestoreSize or RawData))
        {
            throw new CommandException($"'{mode}' cannot be counted. Use {RestoreSize} or {RawData}.");
        }

        var all = await vault.Snapshots.ListAsync(error => context.Terminal.Warn(error.Message), cancellationToken);
        var snapshots = SnapshotSearch.FindAll(all, context.Get(Names) ?? [], Filter.FilterOf(context));
        var index = await vault.LoadIndexAsync(cancellationToken);
        var isDamaged = false;
        var walk = new SnapshotWalk(vault, index, (path, message) =>
        {
            isDamaged = true;
            context.Terminal.Warn("stats", path, message);
        });
        var count = new Counter(index);
        foreach (var (_, snapshot) in snapshots)
        {
            // A directory that was counted raw need not be counted again; as a part of another snapshot it is.
            bool Enters(SnapshotNode node) => mode == RestoreSize || count.AddBlob(BlobKind.Tree, node.Node.Subtree!.Value);
            count.AddBlob(BlobKind.Tree, snapshot.Tree);
            await foreach (var node in walk.RunAsync(snapshot.Tree, Enters, cancellationToken))
            {
                count.Add(node.Node, addsBlobs: mode == RawData);
            }
        }

        Report(context, mode, count, snapshots.Count);
        return isDamaged ? ExitCode.Failure : ExitCode.Success;
    }

    private static void Report(VerbContext context, string mode, Counter count, int snapshots)
    {
        context.Terminal.Say($"{Text.Count((ulong)snapshots, "snapshot", "snapshots")}, counted by {mode}");
        if (mode == RestoreSize)
        {
            context.Terminal.Print($"Files and directories: {count.Entries}");
            context.Terminal.Print($"Size:                  {Text.Bytes(count.FileBytes)}");
            context.Terminal.Json(
                new StatsObject(count.FileBytes, null, null, null, null, null, count.Entries, snapshots), MessageJson.Default.StatsObject);
            return;
        }

        var ratio = count.StoredBytes == 0 ? 1 : (double)count.PlainBytes / count.StoredBytes;
        context.Terminal.Print($"Blobs:       {count.Blobs}");
        context.Terminal.Print($"Plain size:  {Text.Bytes(count.PlainBytes)}");
        context.Terminal.Print($"In the vault: {Text.Bytes(count.StoredBytes)}, compressed {ratio:0.00} times");
        context.Terminal.Json(
            new StatsObject(
                count.StoredBytes, count.PlainBytes, ratio, null, 100 * (1 - (1 / ratio)), count.Blobs, null, snapshots),
            MessageJson.Default.StatsObject);
    }

    private sealed class Counter(VaultIndex index)
    {
        private readonly HashSet<(BlobKind, BlobId)> _seen = [];

        public ulong Entries { get; private set; }

        public ulong FileBytes { get; private set; }

        public ulong Blobs { get; private set; }

        public ulong PlainBytes { get; private set; }

        public ulong StoredBytes { get; private set; }

        public void Add(Node node, bool addsBlobs)
        {
            Entries++;
            FileBytes += node.Type == NodeType.File ? node.Size : 0;
            foreach (var id in addsBlobs ? node.Content ?? [] : [])
            {
                AddBlob(BlobKind.Data, id);
            }
        }

        /// <summary>False for one that was counted before.</summary>
        public bool AddBlob(BlobKind kind, BlobId id)
        {
            if (!_seen.Add((kind, id)))
            {
                return false;
            }

            if (index.TryFind(kind, id, out var location))
            {
                Blobs++;
                PlainBytes += location.Blob.PlainLength;
                StoredBytes += location.Blob.Length;
            }

            return true;
        }
    }
}
