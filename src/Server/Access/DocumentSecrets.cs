using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol.Comet;

namespace Halley.Server.Access;

/// <summary>Removes the secrets from a document, for readers that have no use for them: listeners to events, read-only tokens.</summary>
internal static class DocumentSecrets
{
    private static readonly string[] Endings = ["Password", "Pass", "Passphrase", "Hash", "Recovery", "Key", "Secret", "Token"];
    private static readonly string[] Maps = ["CustomHeaders"];

    /// <summary>A copy in which the fields that hold a password, a key, a hash of one or the like are empty.</summary>
    public static T Without<T>(T document)
        where T : CometDocument
    {
        var copy = JsonSerializer.SerializeToNode(document, document.GetType(), CometJson.Options)!;
        Remove(copy);
        return (T)copy.Deserialize(document.GetType(), CometJson.Options)!;
    }

    private static void Remove(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                Remove(item);
            }
        }
        else if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields.ToList())
            {
                if (Maps.Contains(name, StringComparer.Ordinal))
                {
                    fields[name] = new JsonObject();
                }
                else if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String)
                {
                    fields[name] = Endings.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) ? "" : text.DeepClone();
                }
                else
                {
                    Remove(value);
                }
            }
        }
    }
}
