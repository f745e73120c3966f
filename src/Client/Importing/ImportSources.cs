namespace Halley.Client.Importing;

/// <summary>Finds the settings of other backup programs on this machine.</summary>
public sealed class ImportSources
{
    private readonly string _root;
    private readonly string _home;

    /// <summary>Looks at the usual places.</summary>
    /// <param name="root">The root of the file system.</param>
    /// <param name="home">The home directory of the user.</param>
    public ImportSources(string root, string home) => (_root, _home) = (root, home);

    /// <summary>That of this machine and user.</summary>
    public static ImportSources OfThisMachine { get; } = new("/", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The settings that were found, in the order of <see cref="ImportKind"/>.</summary>
    public IReadOnlyList<ImportSource> List() => [.. Places()
        .SelectMany(place => FilesOf(place.Path).Select(file => new ImportSource(place.Kind, file)))
        .Where(source => source.Kind != ImportKind.Ahsay || AhsayReader.IsProfile(source.File))
        .DistinctBy(source => source.Id)];

    /// <summary>The source with this id, of a file that is named with its kind in front, or of a file whose kind its name shows.</summary>
    /// <exception cref="ImportException">There is none, or its kind is not known.</exception>
    public ImportSource Find(string idOrFile)
    {
        ArgumentNullException.ThrowIfNull(idOrFile);
        var separator = idOrFile.IndexOf(':', StringComparison.Ordinal);
        if (separator > 1 && Enum.TryParse<ImportKind>(idOrFile[..separator], ignoreCase: true, out var kind) && Enum.IsDefined(kind))
        {
            return Require(new ImportSource(kind, Path.GetFullPath(idOrFile[(separator + 1)..])));
        }

        var matches = List().Where(source => source.Kind.ToString().Equals(idOrFile, StringComparison.OrdinalIgnoreCase)).ToList();
        if (matches is [var only])
        {
            return only;
        }

        return matches.Count > 1
            ? throw new ImportException($"There are several: {string.Join(", ", matches.Select(source => source.Id))}. Give an id.")
            : KindOf(idOrFile) is { } named
                ? Require(new ImportSource(named, Path.GetFullPath(idOrFile)))
                : throw new ImportException(
                    $"No settings of '{idOrFile}' were found. Run `halley import list`, or give a file as KIND:FILE, where KIND is one of "
                    + $"{string.Join(", ", Enum.GetNames<ImportKind>().Select(name => name.ToLowerInvariant()))}.");
    }

    private static ImportSource Require(ImportSource source) =>
        File.Exists(source.File) ? source : throw new ImportException($"There is no file {source.File}.");

    private static ImportKind? KindOf(string file) => Path.GetFileName(file) switch
    {
        "my.service.xml" => ImportKind.CrashPlan,
        var name when name.StartsWith("profiles.", StringComparison.Ordinal) => ImportKind.ResticProfile,
        var name when name.TrimStart('.').StartsWith("autorestic.", StringComparison.Ordinal) => ImportKind.Autorestic,
        _ => null,
    };

    private static IEnumerable<string> FilesOf(string pattern)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal))
        {
            return File.Exists(pattern) ? [pattern] : [];
        }

        var folder = Path.GetDirectoryName(pattern)!;
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, Path.GetFileName(pattern), SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : [];
    }

    private IEnumerable<(ImportKind Kind, string Path)> Places()
    {
        foreach (var folder in new[] { ".obm", ".acb" })
        {
            yield return (ImportKind.Ahsay, Path.Combine(_home, folder, "config", "*.xml"));
        }

        foreach (var folder in new[] { "usr/local/crashplan", "opt/crashplan", "Library/Application Support/CrashPlan" })
        {
            yield return (ImportKind.CrashPlan, Path.Combine(_root, folder, "conf", "my.service.xml"));
        }

        yield return (ImportKind.CrashPlan, Path.Combine(_root, "ProgramData", "CrashPlan", "conf", "my.service.xml"));
        foreach (var folder in new[]
        {
            Path.Combine(_home, ".config", "resticprofile"), Path.Combine(_root, "etc", "resticprofile"),
            Path.Combine(_root, "usr", "local", "etc", "resticprofile"), Path.Combine(_home, ".resticprofile"),
        })
        {
            foreach (var ending in new[] { "yaml", "toml", "conf", "json" })
            {
                yield return (ImportKind.ResticProfile, Path.Combine(folder, $"profiles.{ending}"));
            }
        }

        foreach (var file in new[] { ".autorestic.yml", ".autorestic.yaml", ".config/autorestic/.autorestic.yml" })
        {
            yield return (ImportKind.Autorestic, Path.Combine(_home, file));
        }

        yield return (ImportKind.Backrest, Path.Combine(_home, ".config", "backrest", "config.json"));
        yield return (ImportKind.Backrest, Path.Combine(_root, "opt", "backrest", "config", "config.json"));
    }
}
