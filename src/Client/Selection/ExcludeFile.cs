using System.Text.RegularExpressions;

namespace Halley.Client.Selection;

/// <summary>
/// A file of globs, one a line, as restic reads it: spaces around a line, empty lines and lines that begin with <c>#</c> do not count;
/// <c>$NAME</c> and <c>${NAME}</c> are variables of the environment, and <c>$$</c> is a dollar sign.
/// </summary>
public static partial class ExcludeFile
{
    /// <summary>The rules of a file.</summary>
    /// <exception cref="FormatException">A pattern is not complete.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<IReadOnlyList<PathRule>> ReadAsync(string path, bool ignoresCase, CancellationToken cancellationToken)
    {
        var rules = new List<PathRule>();
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            if (line.Trim() is { Length: > 0 } pattern && pattern[0] != '#')
            {
                rules.Add(PathRule.Glob(Expand(pattern), ignoresCase));
            }
        }

        return rules;
    }

    private static string Expand(string pattern) => Variable().Replace(pattern, match => match.Value == "$$"
        ? "$"
        : Environment.GetEnvironmentVariable(match.Groups["name"].Value) ?? "");

    [GeneratedRegex(@"\$(?:\$|\{(?<name>\w+)\}|(?<name>\w+))")]
    private static partial Regex Variable();
}
