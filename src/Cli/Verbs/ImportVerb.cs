using System.CommandLine;
using Halley.Cli.Accounts;
using Halley.Cli.Output;
using Halley.Client.Importing;

namespace Halley.Cli.Verbs;

/// <summary><c>halley import list|preview|apply</c></summary>
internal static class ImportVerb
{
    private static readonly Argument<string> Source = new("SOURCE")
    {
        Description =
            "Id or kind from `halley import list`, or KIND:FILE with KIND ahsay, crashplan, resticprofile, autorestic or backrest",
    };

    private static readonly Option<string?> Vault = new("--vault")
    {
        Description = "Vault of the account for backups whose present place cannot be used (default: the only one on a server)",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Preview = new("--preview") { Description = "Preview the only program that was found" };

    public static Verb Create()
    {
        var list = new Verb("list", "List settings of other backup programs on this machine.", "halley import list");
        list.OnRun(ListAsync);
        var preview = new Verb(
            "preview", "Show what an import would add, and what becomes of each setting. Change nothing.",
            "halley import preview crashplan", "halley import preview resticprofile:/etc/resticprofile/profiles.yaml --vault offsite")
        {
            Source, Vault,
        };
        preview.OnRun((context, cancellationToken) =>
            PreviewAsync(context, ImportSources.OfThisMachine.Find(context.Get(Source)!), cancellationToken));
        var apply = new Verb(
            "apply", "Add vaults, protected items and rules to the account. A second time adds what is missing.",
            "halley import apply crashplan", "halley import apply backrest --vault offsite --json")
        {
            Source, Vault,
        };
        apply.OnRun(ApplyAsync);
        var import = new Verb("import", "Import the settings of another backup program into the account.", "halley import --preview")
        {
            list, preview, apply, Preview,
        };
        import.OnRun(PreviewOnlyAsync);
        return import;
    }

    private static Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var sources = ImportSources.OfThisMachine.List();
        var table = new Table("Program", "ID");
        foreach (var source in sources)
        {
            table.Add(source.Name, Terminal.Printable(source.Id));
        }

        if (sources.Count > 0)
        {
            table.PrintTo(context.Terminal);
        }

        context.Terminal.Print(Text.CountOrHint(
            sources.Count, "program", "programs", "To import from a file elsewhere: halley import preview KIND:FILE"));
        context.Terminal.Json(
            [.. sources.Select(source => new ImportSourceObject(source.Id, source.Name, source.File))],
            ImportJson.Default.IReadOnlyListImportSourceObject);
        return Task.FromResult(ExitCode.Success);
    }

    private static Task<int> PreviewOnlyAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!context.Get(Preview))
        {
            throw new CommandException(
                "Give a command: `halley import list`, `halley import preview SOURCE` or `halley import apply SOURCE`.");
        }

        return ImportSources.OfThisMachine.List() switch
        {
            [var only] => PreviewAsync(context, only, cancellationToken),
            [] => throw new CommandException(
                "No settings of another backup program were found. Give a file: `halley import preview KIND:FILE`."),
            var several => throw new CommandException(
                "There are settings of several programs. Run `halley import preview` with one of "
                + $"{string.Join(", ", several.Select(source => source.Id))}."),
        };
    }

    private static async Task<int> PreviewAsync(VerbContext context, ImportSource source, CancellationToken cancellationToken)
    {
        var plan = await AccountVaults.RunAsync(
            context, work => ImportTo(context, work).PreviewAsync(source, context.Get(Vault), cancellationToken));
        Show(context, plan, isApplied: false);
        return ExitCode.Success;
    }

    private static async Task<int> ApplyAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var source = ImportSources.OfThisMachine.Find(context.Get(Source)!);
        var plan = await AccountVaults.RunAsync(
            context,
            work => work.WithRKeyAsync(
                rKey => ImportTo(context, work).ApplyAsync(source, context.Get(Vault), work.Vaults, rKey, cancellationToken),
                cancellationToken));
        Show(context, plan, isApplied: true);
        return ExitCode.Success;
    }

    private static SettingsImport ImportTo(VerbContext context, AccountWork work) => new(work.Account, HalleyCommand.Version, context.Time);

    private static void Show(VerbContext context, ImportPlan plan, bool isApplied)
    {
        foreach (var line in plan.Lines)
        {
            var word = line.Verdict switch
            {
                ImportVerdict.Imported => "imported",
                ImportVerdict.Changed => "changed",
                _ => "not imported",
            };
            context.Terminal.Print($"{word,-12}  {Terminal.Printable(line.Place)}: {Terminal.Printable(line.Message)}");
            context.Terminal.Json(
                new ImportLineMessage(line.Place, word.Replace(' ', '_'), line.Message), ImportJson.Default.ImportLineMessage);
        }

        var missing = plan.Lines.Count(line => line.Verdict == ImportVerdict.NotImported);
        context.Terminal.Print(
            $"{(isApplied ? "Added" : "Would add")} {Text.Count((ulong)plan.Items.Count, "protected item", "protected items")}, "
            + $"{Text.Count((ulong)plan.Vaults.Count, "vault", "vaults")} and {Text.Count((ulong)plan.Rules.Count, "rule", "rules")}; "
            + $"{Text.Count((ulong)missing, "setting was", "settings were")} not imported.");
        context.Terminal.Json(
            new ImportSummary(isApplied, plan.Items.Count, plan.Vaults.Count, plan.Rules.Count, missing), ImportJson.Default.ImportSummary);
    }
}
