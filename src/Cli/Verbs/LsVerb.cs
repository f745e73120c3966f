using System.CommandLine;
using System.Text;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;

namespace Halley.Cli.Verbs;

/// <summary><c>halley ls</c></summary>
internal static class LsVerb
{
    private static readonly Argument<string> Name = new("SNAPSHOT") { Description = "Snapshot id or prefix, or latest" };

    private static readonly Argument<string[]> Directories = new("DIRECTORY")
    {
        Description = "List only the direct contents of these directories (default: everything)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Long = new("--long", "-l") { Description = "Show permissions, owner, size and time" };

    private static readonly Option<bool> Recursive = new("--recursive") { Description = "List subdirectories recursively" };

    private static readonly Option<bool> HumanReadable = new("--human-readable") { Description = "Print sizes such as 1.5 MiB" };

    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "ls", "List the files of a snapshot.",
            "halley ls latest", "halley ls -l latest /home/anna", "halley ls --json 1a2b3c4d")
        {
            Name, Directories, Long, Recursive, HumanReadable,
        };
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var snapshots = await vault.Snapshots.ListAsync(error => context.Terminal.Warn(error.Message), cancellationToken);
        var entry = SnapshotSearch.Find(snapshots, context.Get(Name)!, Filter.FilterOf(context));
        var index = await vault.LoadIndexAsync(cancellationToken);
        var isDamaged = false;
        var walk = new SnapshotWalk(vault, index, (path, message) =>
        {
            isDamaged = true;
            context.Terminal.Warn("ls", path, message);
        });
        var directories = (context.Get(Directories) ?? []).Select(directory => Encoding.UTF8.GetBytes($"/{directory.Trim('/')}")).ToList();
        var showsBelow = context.Get(Recursive);

        context.Terminal.Say(
            $"Snapshot {entry.Id.ShortText} of {string.Join(", ", entry.Snapshot.Paths)}, made {Text.Time(entry.Snapshot.Time)} "
            + $"on {entry.Snapshot.HostName}");
        context.Terminal.Json(SnapshotObjects.Listed(entry), MessageJson.Default.ListedSnapshot);
        bool Enters(SnapshotNode node) => IsOnTheWay(node.Path.Span, directories, showsBelow);
        await foreach (var found in walk.RunAsync(entry.Snapshot.Tree, Enters, cancellationToken))
        {
            if (IsShown(found.Path.Span, directories, showsBelow))
            {
                context.Terminal.Print(LineOf(context, found));
                context.Terminal.Json(SnapshotObjects.Of(found.DisplayPath, found.Node), MessageJson.Default.ListedNode);
            }
        }

        return isDamaged ? ExitCode.Failure : ExitCode.Success;
    }

    private static string LineOf(VerbContext context, SnapshotNode found)
    {
        var path = Terminal.Printable(found.DisplayPath);
        if (!context.Get(Long))
        {
            return path;
        }

        var node = found.Node;
        var size = context.Get(HumanReadable) ? Text.Bytes(node.Size) : $"{node.Size}";
        var target = node.Type == NodeType.Symlink ? $" -> {Terminal.Printable(Encoding.UTF8.GetString(node.LinkTarget.Span))}" : "";
        return $"{Text.Permissions(node)} {node.UserId,5} {node.GroupId,5} {size,10} {Text.Time(node.ModifyTime)} {path}{target}";
    }

    private static bool IsShown(ReadOnlySpan<byte> path, List<byte[]> directories, bool showsBelow)
    {
        foreach (var directory in directories)
        {
            if (IsWithin(path, directory)
                && (showsBelow || path.Length == directory.Length || path[(Root(directory) + 1)..].IndexOf((byte)'/') < 0))
            {
                return true;
            }
        }

        return directories.Count == 0;
    }

    private static bool IsOnTheWay(ReadOnlySpan<byte> path, List<byte[]> directories, bool showsBelow)
    {
        foreach (var directory in directories)
        {
            if (IsWithin(directory, path) || (showsBelow && IsWithin(path, directory)))
            {
                return true;
            }
        }

        return directories.Count == 0;
    }

    private static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory)
    {
        directory = directory[..Root(directory)];
        return path.StartsWith(directory) && (path.Length == directory.Length || path[directory.Length] == '/');
    }

    // The length without the slash of the root.
    private static int Root(ReadOnlySpan<byte> directory) => directory.Length == 1 ? 0 : directory.Length;
}
