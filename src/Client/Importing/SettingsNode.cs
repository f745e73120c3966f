using System.Globalization;
using System.Text.Json.Nodes;

namespace Halley.Client.Importing;

/// <summary>Reads a tree of settings as their authors write it: a single value for a list, a number as text.</summary>
internal static class SettingsNode
{
    private static readonly string[] Yes = ["true", "yes", "1", "on"];

    /// <summary>The value as text; null when it is none.</summary>
    public static string? Text(this JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    /// <summary>The value as a list of texts.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node) => node switch
    {
        JsonArray list => [.. list.Select(Text).OfType<string>()],
        _ => node.Text() is { Length: > 0 } single ? [single] : [],
    };

    /// <summary>True when the value says yes.</summary>
    public static bool IsYes(this JsonNode? node) => Yes.Contains(node.Text(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The value as a number; null when it is none.</summary>
    public static long? Number(this JsonNode? node) =>
        long.TryParse(node.Text(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The fields of a map; none when it is no map.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Fields(this JsonNode? node) => node as JsonObject ?? [];

    /// <summary>A field; null when it is not there, or this is no map.</summary>
    public static JsonNode? Field(this JsonNode? node, string name) => (node as JsonObject)?[name];
}
