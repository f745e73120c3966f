namespace Halley.Cli.Settings;

/// <summary>Tags on a command line, separated by commas.</summary>
internal static class TagList
{
    public static IReadOnlyList<string> Parse(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
