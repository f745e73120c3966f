using System.Text.Json;
using System.Text.Json.Serialization;

namespace Halley.Storage.Remote;

/// <summary>An entry of a list: <c>{"name":…,"size":…}</c> in version 2 of the protocol, the bare name in version 1.</summary>
/// <param name="Id">The name.</param>
/// <param name="Length">Size in bytes; null in version 1.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct ListedFile(string Id, long? Length)
{
    internal sealed class Converter : JsonConverter<ListedFile>
    {
        public override ListedFile Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return new ListedFile(reader.GetString()!, null);
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException();
            }

            string? id = null;
            long? length = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isName, isSize) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("size"u8));
                reader.Read();
                if (isName && reader.TokenType == JsonTokenType.String)
                {
                    id = reader.GetString();
                }
                else if (isSize && reader.TokenType == JsonTokenType.Number)
                {
                    length = reader.GetInt64();
                }
                else
                {
                    reader.Skip();
                }
            }

            return id is not null && length >= 0 ? new ListedFile(id, length) : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, ListedFile value, JsonSerializerOptions options) =>
            throw new NotSupportedException();
    }
}

/// <summary>The list, for builds that are compiled ahead of time.</summary>
[JsonSerializable(typeof(ListedFile))]
internal sealed partial class ListedFileJson : JsonSerializerContext;
