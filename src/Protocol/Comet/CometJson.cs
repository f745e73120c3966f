using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Halley.Protocol.Comet;

/// <summary>
/// The vendor's JSON: field names as written, every field there unless it is marked <see cref="OmitEmptyAttribute"/>, never a null where a
/// text, list, map or object belongs. An object of a type is always written, with its empty values. A null or a missing field is read as
/// the empty value, at any depth; a duplicate field or one of the wrong kind is a <see cref="JsonException"/>. A program that is compiled
/// ahead of time knows the types of <see cref="CometTypes"/>.
/// </summary>
public static class CometJson
{
    /// <summary>Levels of nesting that are read; deeper documents are refused.</summary>
    public const int MaximumDepth = 64;

    /// <summary>For every document of the vendor's API, read or written.</summary>
    public static readonly JsonSerializerOptions Options = OptionsFor(
        JsonSerializer.IsReflectionEnabledByDefault ? JsonTypeInfoResolver.Combine(CometTypes.Default, Reflection()) : CometTypes.Default);

    /// <summary>Reads a document, or a list or map of documents. A null is an empty list or map, and no document.</summary>
    /// <exception cref="JsonException">It is not JSON of that shape.</exception>
    public static T? Read<T>(string json)
        where T : class
    {
        var type = TypeOf<T>();
        var value = JsonSerializer.Deserialize(json, type)
            ?? (type.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary ? type.CreateObject?.Invoke() : null);
        if (value is not null)
        {
            EmptyForNull.FillerOf(typeof(T), Options)?.Invoke(value);
        }

        return value;
    }

    /// <summary>Writes a document, or a list or map of documents.</summary>
    public static string Write<T>(T document)
        where T : class => JsonSerializer.Serialize(document, TypeOf<T>());

    /// <summary>A copy that shares nothing with the document.</summary>
    public static T Copy<T>(T document)
        where T : CometDocument => Convert<T, T>(document);

    /// <summary>A document of another type with the fields of this one; what the other type does not know is kept with it.</summary>
    public static TTo Convert<TFrom, TTo>(TFrom document)
        where TFrom : CometDocument
        where TTo : CometDocument => JsonSerializer.Deserialize(Bytes(document), TypeOf<TTo>())!;

    /// <summary>True when a list or map has a null in it, which only a vendor's client may send.</summary>
    public static bool HasGaps(object value) => value switch
    {
        IDictionary map => map.Values.Cast<object?>().Any(item => item is null),
        IList list => list.Cast<object?>().Any(item => item is null),
        _ => false,
    };

    /// <summary>True when both would be written alike.</summary>
    public static bool AreEqual<T>(T one, T other)
        where T : CometDocument => Bytes(one).AsSpan().SequenceEqual(Bytes(other));

    /// <summary>True when all fields have their empty values, as in an object that a client writes because it always writes it.</summary>
    public static bool IsEmpty<T>(T document)
        where T : CometDocument, new() => AreEqual(document, new T());

    /// <summary>How a type is read and written by these rules.</summary>
    internal static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    /// <summary>These rules for the types that a resolver knows.</summary>
    internal static JsonSerializerOptions OptionsFor(IJsonTypeInfoResolver types)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = null,
            PropertyNameCaseInsensitive = false,
            AllowDuplicateProperties = false,
            MaxDepth = MaximumDepth,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = types.WithAddedModifier(Adjust),
        };
        foreach (var converter in EmptyForNull.ConvertersFor(options))
        {
            options.Converters.Add(converter);
        }

        return options;
    }

    /// <summary>Knows every type; not there in a program that is compiled ahead of time.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only called where reflection is enabled.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only called where reflection is enabled.")]
    internal static IJsonTypeInfoResolver Reflection() => new DefaultJsonTypeInfoResolver();

    private static byte[] Bytes<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, TypeOf<T>());

    private static void Adjust(JsonTypeInfo type)
    {
        if (!typeof(CometDocument).IsAssignableFrom(type.Type))
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            var omitsEmpty = property.AttributeProvider?.IsDefined(typeof(OmitEmptyAttribute), inherit: true) == true;
            if (IsObject(property.PropertyType) && (omitsEmpty || property.IsSetNullable))
            {
                throw new InvalidOperationException($"{type.Type.Name}.{property.Name} is an object, which is always written.");
            }

            if (omitsEmpty)
            {
                property.ShouldSerialize = static (_, value) => !IsNothing(value);
            }

            if (property is { Set: { } set, IsExtensionData: false } && !property.PropertyType.IsValueType && !property.IsSetNullable)
            {
                var fill = EmptyForNull.FillerOf(property.PropertyType, type.Options);
                property.Set = (document, value) =>
                {
                    if (value is not null)
                    {
                        fill?.Invoke(value);
                        set(document, value);
                    }
                };
            }
        }
    }

    private static bool IsObject(Type type) => type.IsClass && type != typeof(string) && !typeof(IEnumerable).IsAssignableFrom(type);

    private static bool IsNothing(object? value) => value switch
    {
        null or "" or false or 0 or 0L or 0UL or 0.0 => true,
        ICollection collection => collection.Count == 0,
        _ => false,
    };
}
