using System.CommandLine;
using System.Globalization;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Backup;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Retention;

namespace Halley.Cli.Verbs;

/// <summary><c>halley backup</c></summary>
internal static class BackupVerb
{
    private static readonly SourceOptions Source = new();

    private static readonly Option<bool> Input = new("--stdin") { Description = "Back up standard input" };

    private static readonly Option<string> InputName = new("--stdin-filename")
    {
        Description = "File name for the data from standard input",
        HelpName = "NAME",
        DefaultValueFactory = _ => "stdin",
    };

    private static readonly Option<bool> InputFromCommand = new("--stdin-from-command")
    {
        Description = "Run the arguments as a command and back up its output if it succeeds",
    };

    private static readonly Option<string[]> Tags = new("--tag")
    {
        Description = "Tags of the snapshot, separated by commas",
        HelpName = "TAG,TAG",
    };

    private static readonly Option<string?> Host = new("--host", "-H")
    {
        Description = "Name of this machine in the snapshot [HALLEY_HOST]",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Time = new("--time")
    {
        Description = "Time of the snapshot, such as '2026-11-28 20:00:00' (default: now)",
        HelpName = "TIME",
    };

    private static readonly Option<string?> Parent = new("--parent")
    {
        Description = "Parent snapshot (default: the latest of this machine with the same paths)",
        HelpName = "SNAPSHOT",
    };

    private static readonly Option<bool> Force = new("--force", "-f") { Description = "Read all files, even if they seem unchanged" };

    private static readonly Option<bool> IgnoreInode = new("--ignore-inode")
    {
        Description = "Ignore inode numbers and ctime when checking for changes",
    };

    private static readonly Option<bool> IgnoreChangeTime = new("--ignore-ctime") { Description = "Ignore ctime when comparing" };

    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Store nothing; show what would be done" };

    private static readonly Option<bool> SkipIfUnchanged = new("--skip-if-unchanged")
    {
        Description = "Make no snapshot when nothing has changed",
    };

    private static readonly Option<bool> NoScan = new("--no-scan") { Description = "Do not scan the paths first to estimate the total" };

    private static readonly Option<int?> ReadConcurrency = new("--read-concurrency")
    {
        Description = "Number of files to read in parallel [HALLEY_READ_CONCURRENCY]",
        HelpName = "N",
    };

    public static Verb Create()
    {
        var verb = new Verb(
            "backup", "Back up files and directories.",
            "halley backup ~/Documents", "halley backup / --one-file-system --exclude-caches --exclude '/var/tmp'",
            "halley backup --stdin-from-command --stdin-filename shop.sql -- pg_dump shop", "halley backup ~/Documents --dry-run -vv");
        Source.AddTo(verb);
        Option[] own =
        [
            Input, InputName, InputFromCommand, Tags, Host, Time, Parent, Force, IgnoreInode, IgnoreChangeTime, DryRun, SkipIfUnchanged,
            NoScan, ReadConcurrency,
        ];
        foreach (var option in own)
        {
            verb.Add(option);
        }

        verb.OnRun((context, cancellationToken) =>
            VaultAccess.RunAsync(context, VaultUse.WithoutLock, context.Get(DryRun), RunAsync, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var view = new BackupReportView(context);
        var options = await Source.ReadAsync(
            context,
            new BackupOptions
            {
                Tags = [.. (context.Get(Tags) ?? []).SelectMany(TagList.Parse)],
                HostName = context.Get(Host) ?? Variables.Get("HOST"),
                Time = context.Get(Time) is { } time ? TimeOf(time) : null,
                Parent = context.Get(Parent) is { } name ? await FindAsync(vault, name, cancellationToken) : null,
                ReadsEverything = context.Get(Force),
                IgnoresInode = context.Get(IgnoreInode),
                IgnoresChangeTime = context.Get(IgnoreChangeTime),
                SkipsUnchanged = context.Get(SkipIfUnchanged),
                ScansAhead = context.Terminal.ProgressEvery is not null && !context.Get(NoScan),
                Workers = WorkersOf(context),
                Progress = view.Show,
                OnItem = context.Terminal.IsDetailed ? view.Add : null,
                OnWarning = view.Warn,
            },
            cancellationToken);
        using var input = OpenInput(context, options.Paths);
        if (input is not null)
        {
            options = options with { Paths = [], Inputs = [new BackupInput(input, context.Get(InputName)!)] };
        }
        else if (options.Paths.Count == 0)
        {
            throw new CommandException("There is nothing to back up. Give paths, --files-from or --stdin.");
        }

        var result = await VaultAccess.RetryAsync(
            context,
            async () =>
            {
                var outcome = await VaultBackup.RunAsync(vault, options, cancellationToken);
                return (outcome.Result, outcome.Conflicts);
            },
            cancellationToken);
        view.Finish(result, context.Get(DryRun));
        return result.IsPartial ? ExitCode.Incomplete : ExitCode.Success;
    }

    private static Stream? OpenInput(VerbContext context, IReadOnlyList<string> arguments)
    {
        if (context.Get(InputFromCommand))
        {
            return arguments.Count > 0 ? CommandOutput.Start(arguments) : throw new CommandException("Which command? Give it after `--`.");
        }

        return !context.Get(Input) ? null
            : arguments.Count == 0 ? Console.OpenStandardInput()
            : throw new CommandException("Standard input and paths cannot be backed up together. Make two backups.");
    }

    private static async Task<BlobId> FindAsync(Vault vault, string name, CancellationToken cancellationToken) =>
        SnapshotSearch.Find(await vault.Snapshots.ListAsync(cancellationToken), name, SnapshotFilter.All).Id;

    private static VaultTime? TimeOf(string text) =>
        text == "now" ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time) ? VaultTime.Of(time)
        : throw new CommandException($"'{text}' is not a time. Write it like '2026-11-28 20:00:00'.");

    private static int WorkersOf(VerbContext context)
    {
        var text = context.Get(ReadConcurrency)?.ToString(CultureInfo.InvariantCulture) ?? Variables.Get("READ_CONCURRENCY");
        return text is null ? Environment.ProcessorCount
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var workers) && workers is >= 1 and <= 1024 ? workers
            : throw new CommandException($"Cannot read '{text}' files in parallel. Use a number from 1 to 1024.");
    }
}
