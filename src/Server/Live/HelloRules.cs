using System.Text.Json;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;

namespace Halley.Server.Live;

/// <summary>The limits of what a device says about itself.</summary>
internal static class HelloRules
{
    /// <summary>Characters of ids and names.</summary>
    public const int LongestName = 255;

    private const int LongestText = 100;
    private const int LongestPlatform = 2000;

    /// <summary>Why a text is invalid; null when it is valid.</summary>
    public static string? ProblemWith(string name, string text, int longest = LongestText) =>
        text.Length <= longest && !text.Any(char.IsControl)
            ? null
            : $"{name} must have at most {longest} characters and no control characters.";

    public static string? ProblemWithPlatformVersion(string text) => ReadPlatform(text) is null
        ? "PlatformVersion must be an object with version, distribution, build, os and arch as JSON, or empty."
        : null;

    /// <summary>The operating system of a device; null when the JSON is invalid.</summary>
    public static OSInfo? ReadPlatform(string json)
    {
        if (json.Length == 0)
        {
            return new OSInfo();
        }

        try
        {
            return json.Length <= LongestPlatform ? JsonSerializer.Deserialize<OSInfo>(json, CometJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
