using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Halley.Server.Tests.BadInput;

/// <summary>Values that no program should send, and a few that it might. The same seed gives the same values.</summary>
public sealed class Nonsense(int seed, IReadOnlyList<string> plausible)
{
    private readonly Random _random = new(seed);

    public bool Chance(int percent) => _random.Next(100) < percent;

    public T OneOf<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    /// <summary>Text of every kind; about a third of it is something the server knows.</summary>
    public string Text() => _random.Next(16) switch
    {
        0 => "",
        1 => " ",
        2 => "-1",
        3 => "9223372036854775808",
        4 => "true",
        5 => "null",
        6 => "' OR 1=1; --",
        7 => "../../etc/passwd",
        8 => "a\u0000b",
        9 => "\ud83d\udca9 ünï ﬁ \u202e",
        10 => new string('x', _random.Next(300, 20_000)),
        11 => Json(4).ToJsonString(),
        _ => OneOf(plausible),
    };

    /// <summary>JSON of any shape.</summary>
    public JsonNode Json(int depth) => _random.Next(depth > 0 ? 12 : 8) switch
    {
        0 => JsonValue.Create(-1),
        1 => JsonValue.Create(long.MaxValue),
        2 => JsonValue.Create(1.5e300),
        3 => JsonValue.Create(true),
        4 => JsonValue.Create(""),
        5 => JsonValue.Create(OneOf(plausible)),
        6 => JsonValue.Create(new string('y', _random.Next(1, 3000))),
        7 => JsonValue.Create("\u0000"),
        8 or 9 => new JsonArray([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Json(depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, _random.Next(4))
            .Select(i => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), (JsonNode?)Json(depth - 1)))),
    };

    /// <summary>A document with one to three of its fields replaced, removed, doubled or added.</summary>
    public string Spoil(JsonNode document)
    {
        var spoilt = document.DeepClone();
        for (var i = _random.Next(1, 4); i > 0 && spoilt is JsonObject root; i--)
        {
            var target = root;
            while (Chance(60) && target.Select(field => field.Value).OfType<JsonObject>().ToList() is { Count: > 0 } inner)
            {
                target = OneOf(inner);
            }

            var name = target.Count == 0 || Chance(10) ? Text() : OneOf(target.Select(field => field.Key).ToList());
            target[name] = Chance(15) ? null : Json(3);
        }

        var text = spoilt.ToJsonString();
        return _random.Next(20) switch
        {
            0 => text[..(text.Length / 2)],
            1 => text + text,
            2 => text.Replace("}", ",\"Description\":1,\"Description\":2}", StringComparison.Ordinal),
            3 => string.Concat(Enumerable.Repeat("[", 500)) + string.Concat(Enumerable.Repeat("]", 500)),
            4 => text.Replace("\"\"", "\"\\ud800\"", StringComparison.Ordinal),
            _ => text,
        };
    }

    /// <summary>Bytes that are no UTF-8.</summary>
    public byte[] Bytes()
    {
        var bytes = Encoding.UTF8.GetBytes(Text() + "=");
        return [.. bytes, 0xff, 0xfe, 0xc0, (byte)_random.Next(256)];
    }

    /// <summary>The document of a type with all fields at their defaults.</summary>
    public static JsonNode Default(Type type, JsonSerializerOptions options)
    {
        if (type.GetConstructor(Type.EmptyTypes) is not null)
        {
            return JsonSerializer.SerializeToNode(Activator.CreateInstance(type), type, options)!;
        }

        var fields = type.GetConstructors().Where(constructor => constructor.IsPublic)
            .MaxBy(constructor => constructor.GetParameters().Length)?.GetParameters() ?? [];
        return new JsonObject(fields.Select(field => KeyValuePair.Create(
            JsonNamingPolicy.CamelCase.ConvertName(field.Name!),
            field.ParameterType == typeof(string) ? JsonValue.Create("x") : (JsonNode?)null)));
    }
}
