namespace Halley.Server.Hosting;

/// <summary>Files that a setting names.</summary>
internal static class SettingFile
{
    /// <summary>Why the server cannot read a file, for a list of wrong settings; null if it can, or if none is named.</summary>
    public static string? ProblemOf(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"must be a file that exists and that the server's user can read ({problem.Message.TrimEnd('.')})";
        }
    }

    /// <summary>The secret in a file, without the line break at its end.</summary>
    public static string ReadSecret(string path) => File.ReadAllText(path).TrimEnd('\r', '\n');
}
