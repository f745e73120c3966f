using System.CommandLine;
using Halley.Client.Retention;

namespace Halley.Cli.Settings;

/// <summary>The options that say which snapshots are meant.</summary>
internal sealed class SnapshotOptions
{
    private readonly Option<string[]> _hosts = new("--host", "-H")
    {
        Description = "Only snapshots of this machine; can be given several times",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _tags = new("--tag")
    {
        Description = "Only snapshots with all of these tags, separated by commas; several times for one or the other",
        HelpName = "TAG,TAG",
    };

    private readonly Option<string[]> _paths = new("--path")
    {
        Description = "Only snapshots that were made of this path; several times for all of them",
        HelpName = "PATH",
    };

    public void AddTo(Verb verb)
    {
        verb.Add(_hosts);
        verb.Add(_tags);
        verb.Add(_paths);
    }

    public SnapshotFilter FilterOf(VerbContext context) => new()
    {
        Hosts = context.Get(_hosts) ?? [],
        Tags = [.. (context.Get(_tags) ?? []).Select(text => text.Length == 0 ? [""] : TagList.Parse(text))],
        Paths = context.Get(_paths) ?? [],
    };
}
