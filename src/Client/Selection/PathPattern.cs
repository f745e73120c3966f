using System.Buffers;
using System.Text;

namespace Halley.Client.Selection;

/// <summary>
/// A glob with restic's rules: <c>*</c>, <c>?</c>, <c>[a-z]</c> and <c>\</c> within one component, <c>**</c> for any number of
/// components. With a slash in front it begins at the root; otherwise it matches any run of components. It matches all that is below, too.
/// </summary>
public sealed class PathPattern
{
    private readonly bool _isRooted;
    private readonly bool _ignoresCase;
    private readonly byte[][] _parts;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="ignoresCase">Whether A and a are the same.</param>
    /// <exception cref="FormatException">The pattern is empty, or a bracket or backslash in it is not complete.</exception>
    public PathPattern(string text, bool ignoresCase = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            throw new FormatException("A pattern is empty.");
        }

        _ignoresCase = ignoresCase;
        _isRooted = text[0] == '/';
        _parts = [.. Clean(ignoresCase ? text.ToLowerInvariant() : text).Select(Encoding.UTF8.GetBytes)];
        if (!_parts.All(IsComplete))
        {
            throw new FormatException($"The pattern '{text}' is not complete: a '[' has no ']', or nothing follows a '\\'.");
        }
    }

    /// <summary>True when the pattern names this absolute path or a directory above it.</summary>
    public bool Matches(ReadOnlySpan<byte> path)
    {
        path = Prepare(path);
        if (_isRooted)
        {
            return MatchesFrom(0, path);
        }

        while (!path.IsEmpty)
        {
            if (MatchesFrom(0, path))
            {
                return true;
            }

            path = Rest(path);
        }

        return false;
    }

    /// <summary>True when the pattern may name something below this directory.</summary>
    public bool MayMatchBelow(ReadOnlySpan<byte> directory)
    {
        directory = Prepare(directory);
        foreach (var part in _isRooted ? _parts : [])
        {
            if (directory.IsEmpty || part.AsSpan().SequenceEqual("**"u8))
            {
                return true;
            }

            if (!MatchesName(part, First(directory)))
            {
                return false;
            }

            directory = Rest(directory);
        }

        return true;
    }

    private ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> path) =>
        (_ignoresCase ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(path).ToLowerInvariant()) : path).TrimStart((byte)'/');

    private bool MatchesFrom(int part, ReadOnlySpan<byte> path)
    {
        for (; part < _parts.Length; part++)
        {
            if (_parts[part].AsSpan().SequenceEqual("**"u8))
            {
                return MatchesFrom(part + 1, path) || (!path.IsEmpty && MatchesFrom(part, Rest(path)));
            }

            if (path.IsEmpty || !MatchesName(_parts[part], First(path)))
            {
                return false;
            }

            path = Rest(path);
        }

        return true;
    }

    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> path) => path.IndexOf((byte)'/') is >= 0 and var end ? path[..end] : path;

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> path) => path.IndexOf((byte)'/') is >= 0 and var end ? path[(end + 1)..] : [];

    private static List<string> Clean(string text)
    {
        var parts = new List<string>();
        foreach (var part in text.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    private static bool MatchesName(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        var (p, n, star, retry) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, retry) = (p++, n);
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, name, ref n))
            {
                continue;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++retry);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart((byte)'*').IsEmpty;
    }

    // Leaves both positions alone unless it matches.
    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int p, ReadOnlySpan<byte> name, ref int n)
    {
        var (next, rune) = (p, RuneAt(name[n..], out var width));
        bool matches;
        switch ((char)pattern[p])
        {
            case '?':
                (matches, next) = (true, p + 1);
                break;
            case '[':
                matches = MatchesClass(pattern, ref next, rune);
                break;
            default:
                next += pattern[p] == '\\' ? 1 : 0;
                (matches, width) = (pattern[next] == name[n], 1);
                next++;
                break;
        }

        if (matches)
        {
            (p, n) = (next, n + width);
        }

        return matches;
    }

    private static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int p, int rune)
    {
        p++;
        var isNegated = pattern[p] == '^';
        p += isNegated ? 1 : 0;
        var (isIn, isFirst) = (false, true);
        while (isFirst || pattern[p] != ']')
        {
            isFirst = false;
            var low = ClassRune(pattern, ref p);
            var high = low;
            if (pattern[p] == '-')
            {
                p++;
                high = ClassRune(pattern, ref p);
            }

            isIn |= low <= rune && rune <= high;
        }

        p++;
        return isIn != isNegated;
    }

    private static int ClassRune(ReadOnlySpan<byte> pattern, ref int p)
    {
        p += pattern[p] == '\\' ? 1 : 0;
        var rune = RuneAt(pattern[p..], out var width);
        p += width;
        return rune;
    }

    // As Go reads it: each byte that belongs to no character is one of its own.
    private static int RuneAt(ReadOnlySpan<byte> text, out int width)
    {
        if (Rune.DecodeFromUtf8(text, out var rune, out width) == OperationStatus.Done)
        {
            return rune.Value;
        }

        width = 1;
        return Rune.ReplacementChar.Value;
    }

    private static bool IsComplete(byte[] part)
    {
        try
        {
            for (var p = 0; p < part.Length;)
            {
                if (part[p] == '[')
                {
                    MatchesClass(part, ref p, 0);
                    continue;
                }

                p += part[p] == '\\' ? 2 : 1;
                if (p > part.Length)
                {
                    return false;
                }
            }

            return true;
        }
        catch (IndexOutOfRangeException)
        {
            return false; // a class runs beyond the end
        }
    }
}
