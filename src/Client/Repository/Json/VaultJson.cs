using System.Buffers;
using System.Text;
using System.Text.Json;
using Halley.Storage;

namespace Halley.Client.Repository.Json;

/// <summary>
/// Reads the JSON of a vault's files member by member. Every error in a text is a <see cref="JsonException"/> inside, and one
/// <see cref="VaultException"/> with the name of the file outside.
/// </summary>
internal static class VaultJson
{
    internal delegate T Parser<T>(ref Utf8JsonReader reader);

    /// <param name="reader">At the first token.</param>
    /// <param name="json">The text that the reader reads.</param>
    internal delegate T DocumentParser<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json);

    /// <summary>Parses a whole text.</summary>
    /// <exception cref="VaultException">It is not the JSON that the file must hold.</exception>
    public static T Parse<T>(BlobName file, ReadOnlySpan<byte> json, DocumentParser<T> parser)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            Read(ref reader);
            var value = parser(ref reader, json);
            return reader.Read() ? throw new JsonException("There is something after the end.") : value;
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw VaultException.Damaged(file, $"its content is not what it must be ({error.Message})", error);
        }
    }

    /// <summary>True for the exceptions that the base library throws for invalid JSON.</summary>
    public static bool IsDamage(Exception error) =>
        error is JsonException or InvalidOperationException or FormatException or OverflowException;

    /// <summary>Moves to the next token.</summary>
    public static void Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw new JsonException("The text ends early.");
        }
    }

    /// <summary>Moves from the start of an object or from a value to the next member's value; false at the end of the object.</summary>
    public static bool NextMember(ref Utf8JsonReader reader, out ReadOnlySpan<byte> name)
    {
        Read(ref reader);
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            name = default;
            return false;
        }

        Expect(ref reader, JsonTokenType.PropertyName);
        name = reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan;
        Read(ref reader);
        return true;
    }

    /// <summary>
    /// A member's name as characters, for a switch; empty when it is longer than the buffer, as no known name is, or not ASCII.
    /// </summary>
    public static ReadOnlySpan<char> Characters(ReadOnlySpan<byte> name, Span<char> buffer) =>
        name.Length <= buffer.Length && Ascii.ToUtf16(name, buffer, out var length) == OperationStatus.Done ? buffer[..length] : [];

    /// <summary>Moves to the next element; false at the end of the array.</summary>
    public static bool NextElement(ref Utf8JsonReader reader)
    {
        Read(ref reader);
        return reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Longest name of a member that the program knows.</summary>
    public const int LongestName = 32;

    public static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
        {
            throw new JsonException($"{type} expected, {reader.TokenType} found at byte {reader.TokenStartIndex}.");
        }
    }

    /// <summary>True when the value is null, which Go takes for a member that is not there.</summary>
    public static bool IsNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null;

    public static BlobId Id(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String);
        return BlobId.TryParse(reader.ValueSpan, out var id) ? id : throw new JsonException("An id of 64 hex digits expected.");
    }

    public static string String(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String);
        return reader.GetString()!;
    }

    /// <summary>The text of a string in UTF-8.</summary>
    public static byte[] Utf8(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String);
        return Unescape(ref reader);
    }

    public static byte[] Base64(ref Utf8JsonReader reader)
    {
        if (IsNull(ref reader))
        {
            return [];
        }

        Expect(ref reader, JsonTokenType.String);
        return reader.GetBytesFromBase64();
    }

    public static ulong Unsigned(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.Number);
        return reader.GetUInt64();
    }

    public static uint Unsigned32(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.Number);
        return reader.GetUInt32();
    }

    public static int Int32(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.Number);
        return reader.GetInt32();
    }

    public static VaultTime Time(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String);
        return VaultTime.TryParse(reader.ValueSpan, out var time) ? time : throw new JsonException("A time expected.");
    }

    public static List<T> List<T>(ref Utf8JsonReader reader, Parser<T> parser)
    {
        var list = new List<T>();
        if (IsNull(ref reader))
        {
            return list;
        }

        Expect(ref reader, JsonTokenType.StartArray);
        while (NextElement(ref reader))
        {
            list.Add(parser(ref reader));
        }

        return list;
    }

    /// <summary>A value of any kind as it stands in the text.</summary>
    /// <param name="reader">At the value; afterwards at its end.</param>
    /// <param name="json">The text that the reader reads.</param>
    public static byte[] Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed].ToArray();
    }

    /// <summary>A member with its name, <c>"name":value</c>, as it stands in the text.</summary>
    /// <param name="reader">At the value; afterwards at its end.</param>
    /// <param name="start">Where the token before the member ended.</param>
    /// <param name="json">The text that the reader reads.</param>
    public static byte[] RawMember(ref Utf8JsonReader reader, int start, ReadOnlySpan<byte> json)
    {
        reader.Skip();
        var text = json[start..(int)reader.BytesConsumed];
        return text[text.IndexOf((byte)'"')..].ToArray();
    }

    private static byte[] Unescape(ref Utf8JsonReader reader)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        var text = buffer.AsSpan(0, reader.CopyString(buffer)).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }
}
