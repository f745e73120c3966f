using System.Globalization;
using Halley.Protocol.Events;
using Microsoft.Extensions.Primitives;

namespace Halley.Server.CometApi.Wire;

/// <summary>
/// The types of events that a listener wants, from the parameter <c>allowList</c> of the stream's address: numbers or names, separated by
/// commas, as a JSON list or in repeated parameters.
/// </summary>
internal static class EventAllowList
{
    public const string Parameter = "allowList";
    private static readonly char[] Separators = [',', ' ', '[', ']', '"'];

    private static readonly Dictionary<string, StreamableEventType> ByName =
        Enum.GetValues<StreamableEventType>().ToLookup(StreamableEventNames.NameOf).Where(names => names.Key.Length > 0)
            .ToDictionary(names => names.Key, names => names.First(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the types; an empty set is all of them. Returns false when a word is no type.</summary>
    public static bool TryRead(StringValues values, out HashSet<StreamableEventType> types)
    {
        types = [];
        foreach (var word in values.SelectMany(value => (value ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries)))
        {
            if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                types.Add((StreamableEventType)number);
            }
            else if (ByName.TryGetValue(word, out var type))
            {
                types.Add(type);
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
