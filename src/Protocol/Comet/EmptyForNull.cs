using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Halley.Protocol.Comet;

/// <summary>Reads a null as the empty value, as the vendor's server does: booleans, numbers, and the elements of lists and maps.</summary>
internal static class EmptyForNull
{
    /// <summary>For booleans and numbers, wherever they stand.</summary>
    public static IEnumerable<JsonConverter> Converters =>
    [
        new Converter<bool>(JsonMetadataServices.BooleanConverter),
        new Converter<byte>(JsonMetadataServices.ByteConverter),
        new Converter<int>(JsonMetadataServices.Int32Converter),
        new Converter<uint>(JsonMetadataServices.UInt32Converter),
        new Converter<long>(JsonMetadataServices.Int64Converter),
        new Converter<ulong>(JsonMetadataServices.UInt64Converter),
        new Converter<float>(JsonMetadataServices.SingleConverter),
        new Converter<double>(JsonMetadataServices.DoubleConverter),
        new EnumConverters(),
    ];

    /// <summary>
    /// Puts the empty value in place of each null in a list or map of this type, at any depth; null for types that cannot have one.
    /// </summary>
    public static Action<object>? FillerOf(Type type)
    {
        if (ElementOf(type) is not { IsValueType: false } element || MakerOf(element) is not { } make)
        {
            return null;
        }

        var fillElement = FillerOf(element);
        return collection =>
        {
            if (collection is IDictionary map)
            {
                foreach (var key in map.Keys.Cast<object>().Where(key => map[key] is null).ToList())
                {
                    map[key] = make();
                }
            }
            else
            {
                var list = (IList)collection;
                for (var i = 0; i < list.Count; i++)
                {
                    list[i] ??= make();
                }
            }

            if (fillElement is not null)
            {
                foreach (var item in collection is IDictionary filled ? filled.Values : (IEnumerable)collection)
                {
                    fillElement(item);
                }
            }
        };
    }

    /// <summary>The empty list or map of this type; null when it is neither.</summary>
    public static object? CollectionOf(Type type) => ElementOf(type) is null ? null : Activator.CreateInstance(type);

    // Those of the vendor's documents are List and Dictionary only.
    private static Type? ElementOf(Type type) =>
        !type.IsGenericType ? null
        : type.GetGenericTypeDefinition() == typeof(List<>) ? type.GenericTypeArguments[0]
        : type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GenericTypeArguments[1]
        : null;

    private static Func<object>? MakerOf(Type type) =>
        type == typeof(string) ? static () => ""
        : type == typeof(byte[]) ? static () => Array.Empty<byte>()
        : type.GetConstructor(Type.EmptyTypes) is not null ? () => Activator.CreateInstance(type)!
        : null;

    private sealed class Converter<T>(JsonConverter<T> inner) : JsonConverter<T>
        where T : struct
    {
        public override bool HandleNull => true;

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? default : inner.Read(ref reader, typeToConvert, options);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => inner.Write(writer, value, options);

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            inner.ReadAsPropertyName(ref reader, typeToConvert, options);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            inner.WriteAsPropertyName(writer, value, options);
    }

    // The vendor's are numbers; ours, which are words, bring their own converter.
    private sealed class EnumConverters : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsEnum && !typeToConvert.IsDefined(typeof(JsonConverterAttribute), inherit: false);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(EnumConverter<>).MakeGenericType(typeToConvert), options)!;
    }

    private sealed class EnumConverter<T>(JsonSerializerOptions options) : JsonConverter<T>
        where T : struct, Enum
    {
        private readonly Converter<T> _numbers = new(JsonMetadataServices.GetEnumConverter<T>(options));

        public override bool HandleNull => true;

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            _numbers.Read(ref reader, typeToConvert, options);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            _numbers.Write(writer, value, options);
    }
}
