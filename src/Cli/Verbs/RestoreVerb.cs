using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Cli.Vaults;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Restore;

namespace Halley.Cli.Verbs;

/// <summary><c>halley restore</c></summary>
internal static class RestoreVerb
{
    private static readonly Argument<string> Name = new("SNAPSHOT")
    {
        Description = "Snapshot id or prefix, or latest; append :DIRECTORY to restore only that directory",
    };

    private static readonly Option<string> Target = new("--target", "-t")
    {
        Description = "Directory to restore to; / restores to the original paths",
        HelpName = "DIRECTORY",
        Required = true,
    };

    private static readonly Option<string?> Overwrite = new("--overwrite")
    {
        Description = "Whether to overwrite existing files: always, if-changed, if-newer or never (default: always)",
        HelpName = "WHEN",
    };

    private static readonly Option<bool> Delete = new("--delete")
    {
        Description = "Delete files in the target that are not in the snapshot",
    };

    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Change nothing; show what would be done" };

    private static readonly Option<bool> Verify = new("--verify") { Description = "Read back and verify each restored file" };

    private static readonly PatternOptions Patterns = new();
    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb(
            "restore", "Restore files of a snapshot.",
            "halley restore latest --target ~/restored",
            "halley restore latest:/home/anna/Documents --target ~/Documents --overwrite if-newer",
            "halley restore 1a2b3c4d --target / --include /etc --dry-run -vv")
        {
            Name, Target, Overwrite, Delete, DryRun, Verify,
        };
        Patterns.AddTo(verb);
        Filter.AddTo(verb);
        verb.OnVault(VaultUse.Read, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, CancellationToken cancellationToken)
    {
        var reference = SnapshotReference.Parse(context.Get(Name)!);
        var report = new RestoreReportView(context);
        var options = new RestoreOptions
        {
            Target = Path.GetFullPath(context.Get(Target)!),
            Source = reference.Directory,
            Selection = Patterns.SelectionOf(context),
            Overwrite = PolicyOf(context.Get(Overwrite) ?? "always"),
            DeletesExtra = context.Get(Delete),
            IsDryRun = context.Get(DryRun),
            ReadsBack = context.Get(Verify),
            OnItem = report.Add,
            OnWarning = report.Warn,
            OnProgress = report.Show,
        };
        var snapshots = await vault.Snapshots.ListAsync(error => context.Terminal.Warn(error.Message), cancellationToken);
        var entry = SnapshotSearch.Find(snapshots, reference.Name, Filter.FilterOf(context));
        context.Terminal.Say(
            $"Restoring snapshot {entry.Id.ShortText} of {string.Join(", ", entry.Snapshot.Paths)}, made {Text.Time(entry.Snapshot.Time)}, "
            + $"to {options.Target}{(options.IsDryRun ? ", dry run" : "")}");
        var index = await vault.LoadIndexAsync(cancellationToken);
        var result = await VaultRestore.RunAsync(vault, index, entry.Snapshot, options, cancellationToken);
        vault.TrimCache();
        report.Finish(result, options.IsDryRun);
        return result.WarningCount == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static OverwritePolicy PolicyOf(string text) => text switch
    {
        "always" => OverwritePolicy.Always,
        "if-changed" => OverwritePolicy.IfChanged,
        "if-newer" => OverwritePolicy.IfNewer,
        "never" => OverwritePolicy.Never,
        _ => throw new CommandException($"'{text}' is not a value of --overwrite. Use always, if-changed, if-newer or never."),
    };
}
