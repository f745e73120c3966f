using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol.Comet;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;
using Halley.Server.CometApi.Transport;

namespace Halley.Server.Tests.CometApi;

/// <summary>A parameter of a vendor's call; the encoding is <c>string</c>, <c>int</c>, <c>bool</c> or <c>json:TYPE</c>.</summary>
public sealed record VendorParameter(string Name, string Encoding, bool Required);

/// <summary>A call of the vendor's API.</summary>
public sealed record VendorCall(
    string Path, VendorParameter[] Parameters, string Response, string Credential, bool TopLevelOnly, string[] Roles, string[] Aliases);

public sealed record VendorField(string Name, string Type, bool Optional);

public sealed record VendorType(VendorField[]? Fields, string? Underlying);

/// <summary>
/// The vendor's list of calls and types (vendor-api.json), and the judge of answers: exactly the fields of the type, each of the right
/// kind, nothing null that is a list, a map, a text or a number.
/// </summary>
public sealed partial class VendorApi
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private VendorApi(VendorCall[] endpoints, Dictionary<string, VendorType> types) => (Endpoints, Types) = (endpoints, types);

    public static VendorApi Known { get; } = Load();

    public IReadOnlyList<VendorCall> Endpoints { get; }

    public IReadOnlyDictionary<string, VendorType> Types { get; }

    /// <summary>What is wrong with an answer; empty when it is of the type.</summary>
    public IEnumerable<string> Faults(JsonElement value, string type, string path = "$")
    {
        if (MapOf().Match(type) is { Success: true } map)
        {
            return value.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().SelectMany(entry => Faults(entry.Value, map.Groups[1].Value, $"{path}.{entry.Name}"))
                : [$"{path} is {value.ValueKind}, not a map"];
        }

        if (type is "[]byte")
        {
            return Kind(value, path, JsonValueKind.String);
        }

        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().SelectMany((entry, i) => Faults(entry, type[2..], $"{path}[{i}]"))
                : [$"{path} is {value.ValueKind}, not a list"];
        }

        return type switch
        {
            "interface{}" => [],
            "string" => Kind(value, path, JsonValueKind.String),
            "bool" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [] : [$"{path} is {value.ValueKind}, not a boolean"],
            "float32" or "float64" => Kind(value, path, JsonValueKind.Number),
            _ when Types.TryGetValue(type, out var known) => known.Fields is { } fields
                ? FieldFaults(value, fields, path)
                : Faults(value, known.Underlying!, path),
            _ => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.IsInteger(number)
                ? []
                : [$"{path} is {value.ValueKind}, not a whole number ({type})"],
        };
    }

    /// <summary>Our class for a type of the vendor's; null when there is none.</summary>
    public static Type? ClassOf(string type) => Classes.GetValueOrDefault(type);

    private static readonly Dictionary<string, Type> Classes =
        new[] { typeof(CometDocument).Assembly, typeof(CometApiResponseMessage).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.IsSubclassOf(typeof(CometDocument)) && !type.IsAbstract)
        .Append(typeof(CometApiResponseMessage))
        .ToDictionary(NameOf, StringComparer.Ordinal);

    private static string NameOf(Type type) => type.Name switch
    {
        nameof(ReportTimeSpan) => "TimeSpan",
        nameof(SessionSettings) => "SessionOptions",
        nameof(CometApiResponseMessage) => "CometAPIResponseMessage",
        var name => name,
    };

    private IEnumerable<string> FieldFaults(JsonElement value, VendorField[] fields, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return [$"{path} is {value.ValueKind}, not an object"];
        }

        var known = fields.ToDictionary(field => field.Name);
        var further = value.EnumerateObject().Where(entry => !known.ContainsKey(entry.Name))
            .Select(entry => $"{path}.{entry.Name} is not a field");
        var missing = fields.Where(field => !field.Optional && !value.TryGetProperty(field.Name, out _))
            .Select(field => $"{path}.{field.Name} is missing");
        var wrong = value.EnumerateObject().Where(entry => known.ContainsKey(entry.Name))
            .SelectMany(entry => Faults(entry.Value, known[entry.Name].Type, $"{path}.{entry.Name}"));
        return further.Concat(missing).Concat(wrong);
    }

    private static string[] Kind(JsonElement value, string path, JsonValueKind kind) =>
        value.ValueKind == kind ? [] : [$"{path} is {value.ValueKind}, not {kind}"];

    private static VendorApi Load()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "CometApi", "vendor-api.json"));
        var document = JsonSerializer.Deserialize<JsonElement>(file);
        return new VendorApi(
            document.GetProperty("endpoints").Deserialize<VendorCall[]>(Names)!,
            document.GetProperty("types").Deserialize<Dictionary<string, VendorType>>(Names)!);
    }

    [GeneratedRegex(@"^map\[[^\]]+\](.+)$")]
    private static partial Regex MapOf();
}
