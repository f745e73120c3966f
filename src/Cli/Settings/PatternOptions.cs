using System.CommandLine;
using Halley.Client.Restore;
using Halley.Client.Selection;

namespace Halley.Cli.Settings;

/// <summary>The options that say which paths of a snapshot are meant.</summary>
internal sealed class PatternOptions
{
    private readonly Option<string[]> _includes = Patterns(
        "--include", "-i", "Restore only what matches this pattern; can be given several times");

    private readonly Option<string[]> _includesAnyCase = Patterns("--iinclude", null, "Same as --include, but ignore case");

    private readonly Option<string[]> _excludes = Patterns("--exclude", "-e", "Skip what matches this pattern; can be given several times");

    private readonly Option<string[]> _excludesAnyCase = Patterns("--iexclude", null, "Same as --exclude, but ignore case");

    public void AddTo(Verb verb)
    {
        verb.Add(_includes);
        verb.Add(_includesAnyCase);
        verb.Add(_excludes);
        verb.Add(_excludesAnyCase);
    }

    public RestoreSelection SelectionOf(VerbContext context) => new(
        Read(context, _includes, _includesAnyCase), Read(context, _excludes, _excludesAnyCase));

    private static List<PathPattern> Read(VerbContext context, Option<string[]> exact, Option<string[]> anyCase) =>
    [
        .. (context.Get(exact) ?? []).Select(text => new PathPattern(text)),
        .. (context.Get(anyCase) ?? []).Select(text => new PathPattern(text, ignoresCase: true)),
    ];

    private static Option<string[]> Patterns(string name, string? alias, string description) =>
        new(name, alias is null ? [] : [alias]) { Description = description, HelpName = "PATTERN" };
}
