using System.Text;
using System.Text.RegularExpressions;

namespace Halley.Client.Selection;

/// <summary>A rule that leaves paths out of a backup or takes them in again.</summary>
public sealed class PathRule
{
    private readonly PathPattern? _pattern;
    private readonly Regex? _expression;

    private PathRule(string text, bool isInclusion, PathPattern? pattern, Regex? expression) =>
        (Text, IsInclusion, _pattern, _expression) = (text, isInclusion, pattern, expression);

    /// <summary>The rule as it was given.</summary>
    public string Text { get; }

    /// <summary>True when it takes in again what an earlier rule left out.</summary>
    public bool IsInclusion { get; }

    /// <summary>A glob with the rules of restic; with <c>!</c> in front it takes in again what an earlier rule left out.</summary>
    /// <param name="pattern">The glob.</param>
    /// <param name="ignoresCase">Whether A and a are the same.</param>
    /// <exception cref="FormatException">The pattern is empty or not complete.</exception>
    public static PathRule Glob(string pattern, bool ignoresCase = false)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var isInclusion = pattern.StartsWith('!');
        return new(pattern, isInclusion, new PathPattern(isInclusion ? pattern[1..] : pattern, ignoresCase), null);
    }

    /// <summary>A regular expression, searched for in the absolute path. It needs time in proportion to the length of the path.</summary>
    /// <param name="expression">The expression, without look-around and back-references.</param>
    /// <param name="isInclusion">True to take in again what an earlier rule left out.</param>
    /// <exception cref="FormatException">It is not a regular expression, or needs what is not supported.</exception>
    public static PathRule Expression(string expression, bool isInclusion = false)
    {
        ArgumentNullException.ThrowIfNull(expression);
        try
        {
            var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            return new(expression, isInclusion, null, new Regex(expression, options));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{expression}' cannot be used as a regular expression: {error.Message}", error);
        }
    }

    internal bool Matches(ReadOnlySpan<byte> path) => _pattern?.Matches(path) ?? _expression!.IsMatch(Encoding.UTF8.GetString(path));
}
