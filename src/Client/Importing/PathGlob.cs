using System.Text;

namespace Halley.Client.Importing;

/// <summary>Globs that match one path and nothing else.</summary>
internal static class PathGlob
{
    /// <summary>The glob of a path, without a separator at its end.</summary>
    public static string Of(string path)
    {
        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        var glob = new StringBuilder(trimmed.Length);
        foreach (var letter in trimmed)
        {
            // Paths of Windows have backslashes between their parts.
            glob.Append(letter is '*' or '?' or '[' || (letter == '\\' && path.StartsWith('/')) ? $"\\{letter}" : $"{letter}");
        }

        return glob.ToString();
    }
}
