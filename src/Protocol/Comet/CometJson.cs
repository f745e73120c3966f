using System.Collections;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Halley.Protocol.Comet;

/// <summary>
/// The vendor's JSON: field names as written, every field there unless it is marked <see cref="OmitEmptyAttribute"/>, never a null where a
/// text, list, map or object belongs. A null or a missing field is read as the field's empty value; a duplicate field or one of the wrong
/// kind is a <see cref="JsonException"/>.
/// </summary>
public static class CometJson
{
    /// <summary>Levels of nesting that are read; deeper documents are refused.</summary>
    public const int MaximumDepth = 64;

    /// <summary>For every document of the vendor's API, read or written.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = null,
        PropertyNameCaseInsensitive = false,
        AllowDuplicateProperties = false,
        MaxDepth = MaximumDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Adjust } },
    };

    /// <summary>A copy that shares nothing with the document.</summary>
    public static T Copy<T>(T document)
        where T : CometDocument => Convert<T, T>(document);

    /// <summary>A document of another type with the fields of this one; what the other type does not know is kept with it.</summary>
    public static TTo Convert<TFrom, TTo>(TFrom document)
        where TFrom : CometDocument
        where TTo : CometDocument => JsonSerializer.Deserialize<TTo>(JsonSerializer.SerializeToUtf8Bytes(document, Options), Options)!;

    /// <summary>True when a list or map has a null in it, which no document of the vendor means.</summary>
    public static bool HasGaps(object value) => value switch
    {
        IDictionary map => map.Values.Cast<object?>().Any(item => item is null),
        IList list => list.Cast<object?>().Any(item => item is null),
        _ => false,
    };

    /// <summary>True when both would be written alike.</summary>
    public static bool AreEqual<T>(T one, T other)
        where T : CometDocument =>
        JsonSerializer.SerializeToUtf8Bytes(one, Options).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, Options));

    private static void Adjust(JsonTypeInfo type)
    {
        if (!typeof(CometDocument).IsAssignableFrom(type.Type))
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(OmitEmptyAttribute), inherit: true) == true)
            {
                property.ShouldSerialize = static (_, value) => !IsEmpty(value);
            }

            if (property is { Set: { } set, IsExtensionData: false } && !property.PropertyType.IsValueType && !IsNullable(property))
            {
                property.Set = (document, value) =>
                {
                    if (value is not null)
                    {
                        set(document, HasGaps(value) ? throw new JsonException($"{property.Name} has a null in it.") : value);
                    }
                };
            }
        }
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.AttributeProvider is PropertyInfo member
        && new NullabilityInfoContext().Create(member).WriteState == NullabilityState.Nullable;

    private static bool IsEmpty(object? value) => value switch
    {
        null or "" or false or 0 or 0L or 0UL or 0.0 => true,
        ICollection collection => collection.Count == 0,
        _ => false,
    };
}
