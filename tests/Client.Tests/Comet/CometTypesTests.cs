using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Comet;

/// <summary>A program that is compiled ahead of time reads and writes the vendor's documents as one that is not.</summary>
public sealed class CometTypesTests
{
    private const int Depth = 4;
    private static readonly JsonSerializerOptions Ahead = CometJson.OptionsFor(CometTypes.Default);
    private static readonly JsonSerializerOptions Usual = CometJson.OptionsFor(CometJson.Reflection());

    public static TheoryData<Type> Types =>
        [.. typeof(CometTypes).GetCustomAttributesData().Where(data => data.AttributeType == typeof(JsonSerializableAttribute))
            .Select(data => (Type)data.ConstructorArguments[0].Value!)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Document_is_read_and_written_alike_also_with_nulls_gaps_and_further_fields(Type type)
    {
        var count = 0;
        foreach (var fill in new[] { Fill.Values, Fill.Nulls, Fill.Gaps, Fill.Nothing })
        {
            var json = Sample(Usual.GetTypeInfo(type), fill, Depth)!.ToJsonString();
            var written = RoundTrip(json, type, Usual);

            Assert.Equal(written, RoundTrip(json, type, Ahead));
            count += written.Length;
        }

        Assert.True(count > 4 * "{}".Length || type == typeof(NoArguments), $"{type}");
    }

    [Theory]
    [InlineData(typeof(List<StoredObject>), """[{"name":5}]""")]
    [InlineData(typeof(Protocol.Jobs.BackupJobDetail), """{"GUID":"a","GUID":"b"}""")]
    [InlineData(typeof(Protocol.Jobs.BackupJobDetail), """{"Status":"running"}""")]
    public void What_is_refused_is_refused_alike(Type type, string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, Usual.GetTypeInfo(type)));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, Ahead.GetTypeInfo(type)));
    }

    [Fact]
    public void Every_kind_of_command_is_known_ahead_of_time()
    {
        foreach (var kind in CommandCatalog.Names.Select(name => CommandCatalog.Find(name)!))
        {
            for (var type = kind.GetType(); type != typeof(CommandKind); type = type.BaseType!)
            {
                Assert.All(type.GetGenericArguments(), argument => Assert.NotNull(Ahead.GetTypeInfo(argument)));
            }
        }
    }

    private enum Fill
    {
        Values,
        Nulls,
        Gaps,
        Nothing,
    }

    private static string RoundTrip(string json, Type type, JsonSerializerOptions options)
    {
        var info = options.GetTypeInfo(type);
        return JsonSerializer.Serialize(JsonSerializer.Deserialize(json, info), info);
    }

    private static JsonNode? Sample(JsonTypeInfo type, Fill fill, int depth) => type.Kind switch
    {
        JsonTypeInfoKind.Enumerable => new JsonArray(depth == 0 ? [] : [Inner(type.ElementType!, fill, depth - 1)]),
        JsonTypeInfoKind.Dictionary => new JsonObject(depth == 0 ? [] : [new("k", Inner(type.ElementType!, fill, depth - 1))]),
        JsonTypeInfoKind.Object => Object(type, fill, depth),
        _ => type.Type == typeof(string) ? "text <ü>"
            : type.Type == typeof(bool) ? true
            : type.Type == typeof(byte[]) ? "AAEC"
            : type.Type == typeof(JsonElement) ? new JsonObject { ["x"] = null }
            : (JsonNode)3,
    };

    private static JsonNode? Inner(Type type, Fill fill, int depth) =>
        fill == Fill.Gaps ? null : Sample(Usual.GetTypeInfo(type), fill, depth);

    private static JsonObject Object(JsonTypeInfo type, Fill fill, int depth)
    {
        var json = new JsonObject();
        foreach (var property in type.Properties.Where(property => !property.IsExtensionData && fill != Fill.Nothing))
        {
            var isValue = property.PropertyType.IsValueType || property.PropertyType == typeof(string);
            json[property.Name] = fill == Fill.Nulls || (depth == 0 && !isValue)
                ? null
                : Sample(Usual.GetTypeInfo(property.PropertyType), fill, depth - 1);
        }

        if (typeof(CometDocument).IsAssignableFrom(type.Type))
        {
            json["OfANewerVersion"] = new JsonArray(1, null, "x");
        }

        return json;
    }
}
