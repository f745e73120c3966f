using System.CommandLine;
using Halley.Client.Backup;
using Halley.Client.Selection;

namespace Halley.Cli.Settings;

/// <summary>The options that say what of the files is backed up.</summary>
internal sealed class SourceOptions
{
    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Files and directories",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _filesFrom = Several(
        "--files-from", "FILE", "File that lists patterns of paths, one per line; - for standard input");

    private readonly Option<string[]> _filesFromVerbatim = Several("--files-from-verbatim", "FILE", "File that lists paths, one per line");

    private readonly Option<string[]> _filesFromRaw = Several("--files-from-raw", "FILE", "File that lists paths, each terminated by NUL");

    private readonly Option<string[]> _excludes = Several(
        "--exclude", "PATTERN", "Exclude what matches: *, ? and [a-z] in a name, ** across directories; a leading ! includes again", "-e");

    private readonly Option<string[]> _excludesAnyCase = Several(
        "--iexclude", "PATTERN", "Same as --exclude, but ignore case");

    private readonly Option<string[]> _excludeFiles = Several("--exclude-file", "FILE", "File that lists such patterns, one per line");

    private readonly Option<string[]> _excludeFilesAnyCase = Several(
        "--iexclude-file", "FILE", "Same as --exclude-file, but ignore case");

    private readonly Option<bool> _excludeCaches = new("--exclude-caches") { Description = "Exclude directories that have a CACHEDIR.TAG" };

    private readonly Option<string[]> _excludeIfPresent = Several(
        "--exclude-if-present", "NAME[:HEADER]", "Exclude what is in directories with a file of this name that starts with HEADER");

    private readonly Option<string?> _excludeLargerThan = new("--exclude-larger-than")
    {
        Description = "Exclude files larger than this, such as 500M",
        HelpName = "SIZE",
    };

    private readonly Option<bool> _oneFileSystem = new("--one-file-system", "-x")
    {
        Description = "Exclude other file systems that are mounted below the paths",
    };

    public void AddTo(Verb verb)
    {
        verb.Add(_paths);
        verb.Add(_excludes);
        verb.Add(_excludesAnyCase);
        verb.Add(_excludeFiles);
        verb.Add(_excludeFilesAnyCase);
        verb.Add(_excludeCaches);
        verb.Add(_excludeIfPresent);
        verb.Add(_excludeLargerThan);
        verb.Add(_oneFileSystem);
        verb.Add(_filesFrom);
        verb.Add(_filesFromVerbatim);
        verb.Add(_filesFromRaw);
    }

    /// <summary>What the options say, added to others.</summary>
    public async Task<BackupOptions> ReadAsync(VerbContext context, BackupOptions others, CancellationToken cancellationToken)
    {
        return others with
        {
            Paths =
            [
                .. context.Get(_paths) ?? [],
                .. (context.Get(_filesFrom) ?? []).SelectMany(FileList.ReadPatterns),
                .. (context.Get(_filesFromVerbatim) ?? []).SelectMany(FileList.ReadVerbatim),
                .. (context.Get(_filesFromRaw) ?? []).SelectMany(FileList.ReadRaw),
            ],
            Rules =
            [
                .. (context.Get(_excludes) ?? []).Select(text => PathRule.Glob(text)),
                .. (context.Get(_excludesAnyCase) ?? []).Select(text => PathRule.Glob(text, ignoresCase: true)),
                .. await ReadAsync(context.Get(_excludeFiles), ignoresCase: false, cancellationToken),
                .. await ReadAsync(context.Get(_excludeFilesAnyCase), ignoresCase: true, cancellationToken),
            ],
            Markers =
            [
                .. context.Get(_excludeCaches) ? [BackupMarker.CacheDirectory] : (IReadOnlyList<BackupMarker>)[],
                .. (context.Get(_excludeIfPresent) ?? []).Select(MarkerOf),
            ],
            LargestFile = context.Get(_excludeLargerThan) is { } size ? Quantity.ParseBytes(size) : null,
            IsOneFileSystem = context.Get(_oneFileSystem),
        };
    }

    private static async Task<List<PathRule>> ReadAsync(string[]? files, bool ignoresCase, CancellationToken cancellationToken)
    {
        var rules = new List<PathRule>();
        foreach (var file in files ?? [])
        {
            rules.AddRange(await ExcludeFile.ReadAsync(file, ignoresCase, cancellationToken));
        }

        return rules;
    }

    private static BackupMarker MarkerOf(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? new(text[..colon], text[(colon + 1)..]) : new(text);

    private static Option<string[]> Several(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };
}
