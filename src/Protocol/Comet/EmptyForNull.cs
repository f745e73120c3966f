using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;

namespace Halley.Protocol.Comet;

/// <summary>Reads a null as the empty value, as the vendor's server does: booleans, numbers, and the elements of lists and maps.</summary>
internal static class EmptyForNull
{
    /// <summary>
    /// For booleans, numbers and the vendor's enumerations, which are numbers, wherever they stand. Ours, which are words, bring their own.
    /// </summary>
    public static IEnumerable<JsonConverter> ConvertersFor(JsonSerializerOptions options) =>
    [
        new Converter<bool>(JsonMetadataServices.BooleanConverter),
        new Converter<byte>(JsonMetadataServices.ByteConverter),
        new Converter<int>(JsonMetadataServices.Int32Converter),
        new Converter<uint>(JsonMetadataServices.UInt32Converter),
        new Converter<long>(JsonMetadataServices.Int64Converter),
        new Converter<ulong>(JsonMetadataServices.UInt64Converter),
        new Converter<float>(JsonMetadataServices.SingleConverter),
        new Converter<double>(JsonMetadataServices.DoubleConverter),
        new EnumConverter<JobClassification>(options),
        new EnumConverter<JobStatus>(options),
        new EnumConverter<StreamableEventType>(options),
    ];

    /// <summary>
    /// Puts the empty value in place of each null in a list or map of this type, at any depth; null for types that cannot have one.
    /// </summary>
    public static Action<object>? FillerOf(Type type, JsonSerializerOptions options)
    {
        if (ElementOf(type) is not { IsValueType: false } element)
        {
            return null;
        }

        var fillElement = FillerOf(element, options);
        return collection =>
        {
            if (MakerOf(element, options) is not { } make)
            {
                return;
            }

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

    // Those of the vendor's documents are List and Dictionary only.
    private static Type? ElementOf(Type type) =>
        !type.IsGenericType ? null
        : type.GetGenericTypeDefinition() == typeof(List<>) ? type.GenericTypeArguments[0]
        : type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GenericTypeArguments[1]
        : null;

    private static Func<object>? MakerOf(Type type, JsonSerializerOptions options) =>
        type == typeof(string) ? static () => ""
        : type == typeof(byte[]) ? static () => Array.Empty<byte>()
        : options.GetTypeInfo(type).CreateObject;

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
