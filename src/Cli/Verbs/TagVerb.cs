using System.CommandLine;
using Halley.Cli.Output;
using Halley.Cli.Settings;
using Halley.Client.Browsing;
using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Retention;

namespace Halley.Cli.Verbs;

/// <summary><c>halley tag</c></summary>
internal static class TagVerb
{
    private static readonly Argument<string[]> Names = new("SNAPSHOT")
    {
        Description = "Snapshot ids or prefixes, or latest (default: all that match)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Added = Tags("--add", "Tags to add");
    private static readonly Option<string[]> Removed = Tags("--remove", "Tags to remove");
    private static readonly Option<string[]> Replaced = Tags("--set", "Tags that replace those of the snapshot; '' for none");
    private static readonly SnapshotOptions Filter = new();

    public static Verb Create()
    {
        var verb = new Verb("tag", "Change the tags of snapshots.", "halley tag --add monthly latest", "halley tag --tag old --remove old")
        {
            Names, Added, Removed, Replaced,
        };
        Filter.AddTo(verb);
        verb.OnVaultAlone(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(VerbContext context, Vault vault, VaultLock held, CancellationToken cancellationToken)
    {
        var change = new TagChange
        {
            Set = context.Has(Replaced) ? Read(context, Replaced) : null,
            Add = Read(context, Added),
            Remove = Read(context, Removed),
        };
        if (change is { Set: null, Add.Count: 0, Remove.Count: 0 })
        {
            throw new CommandException("Which tags? Give --add, --remove or --set.");
        }

        var all = await vault.Snapshots.ListAsync(cancellationToken);
        var snapshots = SnapshotSearch.FindAll(all, context.Get(Names) ?? [], Filter.FilterOf(context));
        var changed = await VaultTags.ChangeAsync(vault, held, snapshots, change, cancellationToken);
        foreach (var (old, renewed) in changed)
        {
            context.Terminal.Detail($"Replaced snapshot {old.ShortText} with {renewed.ShortText}.");
            context.Terminal.Json(new TagChanged(old.ToString(), renewed.ToString()), MessageJson.Default.TagChanged);
        }

        context.Terminal.Say($"Changed the tags of {Text.Count((ulong)changed.Count, "snapshot", "snapshots")}.");
        context.Terminal.Json(new TagSummary(changed.Count), MessageJson.Default.TagSummary);
        return ExitCode.Success;
    }

    private static List<string> Read(VerbContext context, Option<string[]> option) =>
        [.. (context.Get(option) ?? []).SelectMany(TagList.Parse)];

    private static Option<string[]> Tags(string name, string description) =>
        new(name) { Description = $"{description}, separated by commas", HelpName = "TAG,TAG" };
}
