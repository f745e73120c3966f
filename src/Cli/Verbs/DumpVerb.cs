using System.CommandLine;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Restore.Archives;

namespace Halley.Cli.Verbs;

/// <summary><c>halley dump</c></summary>
internal static class DumpVerb
{
    private static readonly Argument<string> Name = new("SNAPSHOT") { Description = "Snapshot id or prefix, or latest" };

    private static readonly Argument<string> FilePath = new("PATH") { Description = "A file, or a directory, which becomes an archive" };

    private static readonly Option<string?> Format = new("--archive", "-a")
    {
        Description = "Archive format: tar or zip (default: tar)",
        HelpName = "FORMAT",
    };

    private static readonly PatternOptions Patterns = new();
    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "dump", "Write a file, or a directory as an archive, to standard output.",
            "halley dump latest /home/anna/letter.txt", "halley dump latest /home/anna > anna.tar", "halley dump -a zip latest / > all.zip")
        {
            Name, FilePath, Format,
        };
        Patterns.AddTo(verb);
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var isDamaged = false;
        var options = new ArchiveOptions
        {
            Format = FormatOf(context.Get(Format) ?? "tar"),
            Source = context.Get(FilePath)!,
            Selection = Patterns.SelectionOf(context),
            OnWarning = warning =>
            {
                isDamaged = true;
                context.Terminal.Warn("dump", warning.Path, warning.Message);
            },
        };
        var snapshots = await vault.Snapshots.ListAsync(error => context.Terminal.Warn(error.Message), cancellationToken);
        var entry = SnapshotSearch.Find(snapshots, context.Get(Name)!, Filter.FilterOf(context));
        var index = await vault.LoadIndexAsync(cancellationToken);
        await using var output = Console.OpenStandardOutput();
        if (!await FileContentRestore.TryRunAsync(vault, index, entry.Snapshot, options.Source, output, cancellationToken))
        {
            await ArchiveRestore.RunAsync(vault, index, entry.Snapshot, options, output, cancellationToken);
        }

        return isDamaged ? ExitCode.Failure : ExitCode.Success;
    }

    private static ArchiveFormat FormatOf(string text) => text switch
    {
        "tar" => ArchiveFormat.Tar,
        "zip" => ArchiveFormat.Zip,
        _ => throw new CommandException($"'{text}' is not an archive format. Use tar or zip."),
    };
}
