using System.Text.RegularExpressions;

namespace Halley.Client.Restore;

/// <summary>
/// A pattern for paths as restic has it: <c>*</c> and <c>?</c> and <c>[a-z]</c> within a name, <c>**</c> for any number of directories.
/// One that begins with <c>/</c> is for the whole path, any other one for its end. What is below a matching directory matches.
/// </summary>
public sealed class PathPattern
{
    private const string AnyDirectories = "**";

    private readonly bool _isAnchored;
    private readonly Regex?[] _names; // null: any directories

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern; not empty.</param>
    /// <param name="ignoresCase">Whether A is a.</param>
    /// <exception cref="ArgumentException">It is empty, or has a bracket without end.</exception>
    public PathPattern(string text, bool ignoresCase = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        _isAnchored = text[0] == '/';
        var options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline
            | (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        _names = [.. text.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name == AnyDirectories ? null : new Regex(ExpressionOf(name), options))];
    }

    /// <summary>True when the pattern matches a path or a directory above it.</summary>
    /// <param name="path">The names from the root on.</param>
    public bool Matches(IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        for (var start = 0; start <= (_isAnchored ? 0 : path.Count - 1); start++)
        {
            if (MatchesFrom(path, start, 0, isPartEnough: false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the pattern may match something below a directory.</summary>
    /// <param name="path">The names of the directory from the root on.</param>
    public bool MayMatchBelow(IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return !_isAnchored || MatchesFrom(path, 0, 0, isPartEnough: true);
    }

    // When the pattern ends first, the path is below what it matches. When the path ends first, something below it could match.
    private bool MatchesFrom(IReadOnlyList<string> path, int at, int pattern, bool isPartEnough)
    {
        for (; pattern < _names.Length; pattern++, at++)
        {
            if (_names[pattern] is not { } name)
            {
                return Enumerable.Range(at, path.Count - at + 1).Any(next => MatchesFrom(path, next, pattern + 1, isPartEnough));
            }

            if (at == path.Count)
            {
                return isPartEnough;
            }

            if (!name.IsMatch(path[at]))
            {
                return false;
            }
        }

        return true;
    }

    private static string ExpressionOf(string name)
    {
        var expression = new System.Text.StringBuilder("^");
        for (var at = 0; at < name.Length; at++)
        {
            switch (name[at])
            {
                case '*': expression.Append(".*"); break;
                case '?': expression.Append('.'); break;
                case '\\' when at + 1 < name.Length: expression.Append(Regex.Escape(name[++at].ToString())); break;
                case '[': at = AppendClass(expression, name, at); break;
                default: expression.Append(Regex.Escape(name[at].ToString())); break;
            }
        }

        return expression.Append("\\z").ToString();
    }

    private static int AppendClass(System.Text.StringBuilder expression, string name, int start)
    {
        var end = name.IndexOf(']', Math.Min(start + 2, name.Length));
        if (end < 0)
        {
            throw new ArgumentException($"The bracket in '{name}' has no end.", nameof(name));
        }

        var characters = name[(start + 1)..end];
        var isNegated = characters[0] is '^' or '!';
        characters = (isNegated ? characters[1..] : characters)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal)
            .Replace("^", "\\^", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);
        expression.Append(isNegated ? "[^" : "[").Append(characters).Append(']');
        return end;
    }
}
