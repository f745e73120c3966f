using System.Text;
using Halley.Client.Selection;

namespace Halley.Cli.Settings;

/// <summary>Files that list paths to be backed up, as restic has them.</summary>
internal static class FileList
{
    private const string StandardInput = "-";

    /// <summary>One pattern a line; empty lines and those that begin with # do not count.</summary>
    public static IEnumerable<string> ReadPatterns(string file) => LinesOf(file)
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && line[0] != '#')
        .SelectMany(Expand);

    /// <summary>One path a line, as it is.</summary>
    public static IEnumerable<string> ReadVerbatim(string file) => LinesOf(file).Where(line => line.Length > 0);

    /// <summary>Paths with a NUL behind each.</summary>
    public static IEnumerable<string> ReadRaw(string file)
    {
        using var input = Open(file);
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        var text = Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return text.Length == 0 || text[^1] == '\0'
            ? text.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            : throw new CommandException($"{file} does not end with a NUL, so its last path may be truncated.");
    }

    private static List<string> LinesOf(string file)
    {
        using var reader = new StreamReader(Open(file), Encoding.UTF8);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    private static Stream Open(string file) => file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file);

    // The paths that fit; the text itself when none does, so that the backup says that it is missing.
    private static IReadOnlyList<string> Expand(string pattern)
    {
        if (!pattern.AsSpan().ContainsAny("*?["))
        {
            return [pattern];
        }

        var found = new List<string> { pattern.StartsWith('/') ? "/" : "." };
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var matcher = new PathPattern($"/{part}");
            found = [.. found
                .Where(Directory.Exists)
                .SelectMany(directory => Directory.EnumerateFileSystemEntries(directory))
                .Where(path => matcher.Matches(Encoding.UTF8.GetBytes($"/{Path.GetFileName(path)}")))
                .Order(StringComparer.Ordinal)];
        }

        return found.Count > 0 ? found : [pattern];
    }
}
