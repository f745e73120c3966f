using System.Text;
using System.Text.RegularExpressions;

namespace Halley.Server.AuthRole.BackupJobs.Search;

/// <summary>
/// Regular expressions in the syntax of RE2, which the vendor's clients send. .NET runs them without backtracking, so that every pattern
/// takes linear time. Differences in syntax are translated. Features that RE2 lacks (look-around, back-references) are refused.
/// </summary>
internal static class Re2Pattern
{
    public const int Longest = 1000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>The expression, or null and the reason why the pattern is not acceptable.</summary>
    public static Regex? Parse(string pattern, out string reason)
    {
        reason = "";
        if (pattern.Length > Longest)
        {
            reason = $"is longer than {Longest} characters";
            return null;
        }

        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException or FormatException or OverflowException)
        {
            reason = "is not a regular expression of RE2 (it has no look-around and no back-references) or is too large";
            return null;
        }
    }

    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        // Where lines have ends of their own, both mean the same; elsewhere .NET also stops before a last line break.
        var lines = Regex.IsMatch(pattern, @"\(\?[a-zA-Z]*m", RegexOptions.NonBacktracking);
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest[0] == '\\')
            {
                at += Escape(rest, result, inClass) - 1;
            }
            else if (inClass && rest.StartsWith("[:", StringComparison.Ordinal))
            {
                at += NamedClass(rest, result) - 1;
            }
            else if (!inClass && rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                result.Append("(?<");
                at += 3;
            }
            else if (!inClass && rest[0] == '$' && !lines)
            {
                result.Append(@"\z");
            }
            else if (!inClass && rest[0] == '[')
            {
                inClass = true;
                // A leading bracket is a character, and .NET would treat "-[" as a subtraction.
                var head = rest.StartsWith("[^]", StringComparison.Ordinal) ? 3 : rest.StartsWith("[]", StringComparison.Ordinal) ? 2
                    : rest.StartsWith("[^", StringComparison.Ordinal) ? 2 : 1;
                result.Append(rest[..head].ToString().Replace("]", @"\]", StringComparison.Ordinal));
                at += head - 1;
            }
            else
            {
                inClass = inClass && rest[0] != ']';
                result.Append(inClass && rest[0] == '[' ? @"\[" : rest[0]);
            }
        }

        return result.ToString();
    }

    // How many characters of the pattern an escape took.
    private static int Escape(ReadOnlySpan<char> rest, StringBuilder result, bool inClass)
    {
        if (rest.Length == 1)
        {
            throw new ArgumentException("A backslash ends the pattern.");
        }

        var letter = rest[1];
        if (letter == 'Q' && !inClass)
        {
            var end = rest.IndexOf(@"\E", StringComparison.Ordinal);
            result.Append(Regex.Escape(rest[2..(end < 0 ? rest.Length : end)].ToString()));
            return end < 0 ? rest.Length : end + 2;
        }

        if (letter == 'x' && rest.Length > 2 && rest[2] == '{')
        {
            var end = rest.IndexOf('}');
            var code = Convert.ToInt32(rest[3..Math.Max(3, end)].ToString(), 16);
            result.Append(code <= 0xFFFF ? $@"\u{code:X4}" : Regex.Escape(char.ConvertFromUtf32(code)));
            return end + 1;
        }

        if (letter is 'p' or 'P' && rest.Length > 2 && rest[2] != '{')
        {
            result.Append('\\').Append(letter).Append('{').Append(rest[2]).Append('}');
            return 3;
        }

        if (letter is 'C' or 'G' or 'Z' or 'k' || (!inClass && char.IsAsciiDigit(letter) && letter != '0'))
        {
            throw new NotSupportedException("RE2 does not have this.");
        }

        result.Append(letter switch
        {
            // These are of ASCII in RE2, of Unicode in .NET.
            'd' => inClass ? "0-9" : "[0-9]",
            'w' => inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]",
            's' => inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]",
            'D' => inClass ? @"\x00-/:-\uFFFF" : "[^0-9]",
            'W' => inClass ? @"\x00-/:-@\[-^`{-\uFFFF" : "[^0-9A-Za-z_]",
            'S' => inClass ? @"\x00-\x08\x0B\x0E-\x1F!-\uFFFF" : @"[^\t\n\f\r ]",
            _ => $"\\{letter}",
        });
        return 2;
    }

    private static int NamedClass(ReadOnlySpan<char> rest, StringBuilder result)
    {
        var end = rest.IndexOf(":]", StringComparison.Ordinal);
        var name = end < 0 ? "" : rest[2..end].ToString();
        if (!Classes.TryGetValue(name, out var members))
        {
            throw new ArgumentException("There is no such class of characters.");
        }

        result.Append(members);
        return end + 2;
    }
}
