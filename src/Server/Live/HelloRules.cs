namespace Halley.Server.Live;

/// <summary>What devices may say of themselves.</summary>
internal static class HelloRules
{
    /// <summary>Characters of ids and names.</summary>
    public const int LongestName = 255;

    private const int LongestText = 100;

    /// <summary>Why a text is refused, or null.</summary>
    public static string? ProblemWith(string name, string text, int longest = LongestText) =>
        text.Length <= longest && !text.Any(char.IsControl) ? null : $"{name} must have at most {longest} characters and no control characters.";

    public static string? ProblemWithPlatformVersion(string text) => PlatformVersions.Read(text) is null
        ? "PlatformVersion must be an object with version, distribution, build, os and arch as JSON, or empty."
        : null;
}
