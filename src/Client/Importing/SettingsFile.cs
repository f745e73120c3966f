using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tomlyn;
using Tomlyn.Parsing;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Halley.Client.Importing;

/// <summary>Reads YAML, TOML and JSON into one kind of tree. All scalars of YAML and TOML become texts.</summary>
internal static class SettingsFile
{
    private const int Deepest = 32;

    /// <summary>The content of a file, whose name tells its format.</summary>
    /// <exception cref="ImportException">It is not of its format.</exception>
    public static JsonObject Read(string file)
    {
        var text = File.ReadAllText(file);
        try
        {
            return (Path.GetExtension(file) switch
            {
                ".json" => JsonNode.Parse(
                    text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, MaxDepth = Deepest }),
                ".toml" or ".conf" => ReadToml(text),
                _ => ReadYaml(text),
            }) as JsonObject ?? throw new ImportException($"{file} has no settings.");
        }
        catch (Exception error) when (error is JsonException or TomlException or YamlException or FormatException)
        {
            throw new ImportException($"{file} cannot be understood: {error.Message}", error);
        }
    }

    private static JsonNode? ReadYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents is [var document, ..] ? Convert(document.RootNode, Deepest) : null;
    }

    private static JsonNode? Convert(YamlNode node, int depth)
    {
        if (depth == 0)
        {
            throw new FormatException("The settings are nested too deeply.");
        }

        switch (node)
        {
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(child => Convert(child, depth - 1))]);
            case YamlMappingNode map:
                return Convert(map, depth);
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" }:
                return null;
            default:
                return JsonValue.Create(((YamlScalarNode)node).Value);
        }
    }

    private static JsonObject Convert(YamlMappingNode map, int depth)
    {
        var result = new JsonObject();
        foreach (var (key, value) in map.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? throw new FormatException("A key is not a text.");
            if (name != "<<")
            {
                result[name] = Convert(value, depth - 1);
                continue;
            }

            // What a map takes over from another one counts less than its own.
            foreach (var merged in value is YamlSequenceNode several ? several.Children : [value])
            {
                foreach (var (taken, content) in (Convert(merged, depth - 1) as JsonObject ?? []).ToList())
                {
                    if (!map.Children.ContainsKey(new YamlScalarNode(taken)))
                    {
                        result[taken] = content?.DeepClone();
                    }
                }
            }
        }

        return result;
    }

    private static JsonNode ReadToml(string text)
    {
        var parser = TomlParser.Create(text, new TomlSerializerOptions());
        var open = new Stack<JsonNode>();
        JsonNode root = new JsonObject();
        var name = "";
        while (parser.MoveNext())
        {
            var current = parser.Current;
            switch (current.Kind)
            {
                case TomlParseEventKind.StartTable when open.Count == 0:
                    open.Push(root);
                    break;
                case TomlParseEventKind.StartTable:
                    open.Push(Put(open.Peek(), name, new JsonObject()));
                    break;
                case TomlParseEventKind.StartArray:
                    open.Push(Put(open.Peek(), name, new JsonArray()));
                    break;
                case TomlParseEventKind.EndTable or TomlParseEventKind.EndArray:
                    open.Pop();
                    break;
                case TomlParseEventKind.PropertyName:
                    name = parser.GetPropertyName();
                    break;
                case TomlParseEventKind.String:
                    Put(open.Peek(), name, JsonValue.Create(parser.GetString()));
                    break;
                case TomlParseEventKind.Integer:
                    Put(open.Peek(), name, JsonValue.Create(current.GetInt64().ToString(CultureInfo.InvariantCulture)));
                    break;
                case TomlParseEventKind.Float:
                    Put(open.Peek(), name, JsonValue.Create(current.GetDouble().ToString(CultureInfo.InvariantCulture)));
                    break;
                case TomlParseEventKind.Boolean:
                    Put(open.Peek(), name, JsonValue.Create(current.GetBoolean() ? "true" : "false"));
                    break;
                case TomlParseEventKind.DateTime:
                    Put(open.Peek(), name, JsonValue.Create(current.GetTomlDateTime().ToString()));
                    break;
                default:
                    break;
            }
        }

        return parser.HasErrors ? throw new FormatException(parser.Diagnostics.ToString()) : root;
    }

    private static JsonNode Put(JsonNode parent, string name, JsonNode value)
    {
        if (parent is JsonArray list)
        {
            list.Add(value);
        }
        else
        {
            // A table may be opened again for its sub-tables.
            if (parent[name] is JsonObject known && value is JsonObject)
            {
                return known;
            }

            parent[name] = value;
        }

        return value;
    }
}
