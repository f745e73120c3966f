using System.Buffers;
using System.Globalization;
using System.Text;

namespace Halley.Client.Repository.Trees;

/// <summary>
/// Names of files as written in trees: Go's <c>strconv.Quote</c> without the outer quotes, so that any bytes can be a name although JSON
/// is Unicode. The JSON encoding is applied to the result.
/// </summary>
internal static class NodeName
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))]);

    /// <summary>True for ASCII that needs no quoting.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> name) => !name.ContainsAnyExcept(Plain);

    /// <summary>Quotes a name.</summary>
    public static byte[] Quote(ReadOnlySpan<byte> name)
    {
        var text = new ArrayBufferWriter<byte>(name.Length + 16);
        while (!name.IsEmpty)
        {
            var plain = name.IndexOfAnyExcept(Plain);
            if (plain != 0)
            {
                plain = plain < 0 ? name.Length : plain;
                text.Write(name[..plain]);
                name = name[plain..];
                continue;
            }

            name = name[QuoteNext(name, text)..];
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The bytes of a quoted name; false for an escape that Go does not know and for a quotation mark that is not escaped.
    /// </summary>
    public static bool TryUnquote(ReadOnlySpan<byte> text, out byte[] name)
    {
        name = [];
        var bytes = new ArrayBufferWriter<byte>(Math.Max(text.Length, 1));
        while (!text.IsEmpty)
        {
            var literal = text.IndexOfAny((byte)'\\', (byte)'"', (byte)'\n');
            if (literal != 0)
            {
                literal = literal < 0 ? text.Length : literal;
                bytes.Write(text[..literal]);
                text = text[literal..];
                continue;
            }

            if (text[0] != '\\' || text.Length < 2 || !TryUnquoteEscape(ref text, bytes))
            {
                return false;
            }
        }

        name = bytes.WrittenSpan.ToArray();
        return true;
    }

    private static int QuoteNext(ReadOnlySpan<byte> name, ArrayBufferWriter<byte> text)
    {
        var first = name[0];
        if (first < 0x80)
        {
            QuoteAscii(first, text);
            return 1;
        }

        if (Rune.DecodeFromUtf8(name, out var rune, out var used) != OperationStatus.Done)
        {
            WriteHex(text, 'x', first, 2);
            return 1; // each byte of a broken sequence on its own
        }

        if (IsPrintable(rune))
        {
            text.Write(name[..used]);
        }
        else if (rune.IsBmp)
        {
            WriteHex(text, 'u', rune.Value, 4);
        }
        else
        {
            WriteHex(text, 'U', rune.Value, 8);
        }

        return used;
    }

    private static void QuoteAscii(byte character, ArrayBufferWriter<byte> text)
    {
        var escape = character switch
        {
            (byte)'"' or (byte)'\\' => (char)character,
            0x07 => 'a',
            0x08 => 'b',
            0x0c => 'f',
            0x0a => 'n',
            0x0d => 'r',
            0x09 => 't',
            0x0b => 'v',
            _ => '\0',
        };
        if (escape != '\0')
        {
            text.Write([(byte)'\\', (byte)escape]);
        }
        else
        {
            WriteHex(text, 'x', character, 2);
        }
    }

    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols. (An ASCII space never comes here.)
    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);

    private static void WriteHex(ArrayBufferWriter<byte> text, char kind, int value, int digits)
    {
        var target = text.GetSpan(2 + digits);
        target[0] = (byte)'\\';
        target[1] = (byte)kind;
        for (var i = 0; i < digits; i++)
        {
            target[1 + digits - i] = (byte)"0123456789abcdef"[(value >> (4 * i)) & 15];
        }

        text.Advance(2 + digits);
    }

    private static bool TryUnquoteEscape(ref ReadOnlySpan<byte> text, ArrayBufferWriter<byte> bytes)
    {
        var kind = text[1];
        text = text[2..];
        switch ((char)kind)
        {
            case 'x':
                return TryNumber(ref text, 2, 16, out var value) && WriteByte(bytes, value);
            case 'u':
                return TryNumber(ref text, 4, 16, out value) && WriteRune(bytes, value);
            case 'U':
                return TryNumber(ref text, 8, 16, out value) && WriteRune(bytes, value);
            case >= '0' and <= '7':
                text = PutBack(text, kind, out var octal);
                return TryNumber(ref octal, 3, 8, out value) && value <= byte.MaxValue && WriteByte(bytes, value);
            default:
                var index = "\"\\abfnrtv".IndexOf((char)kind, StringComparison.Ordinal);
                return index >= 0 && WriteByte(bytes, "\"\\\a\b\f\n\r\t\v"[index]);
        }
    }

    // The three octal digits; the first of them has been taken for the kind of the escape.
    private static ReadOnlySpan<byte> PutBack(ReadOnlySpan<byte> text, byte first, out ReadOnlySpan<byte> digits)
    {
        digits = text.Length < 2 ? [] : new[] { first, text[0], text[1] };
        return text.Length < 2 ? [] : text[2..];
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> text, int digits, int radix, out long value)
    {
        value = 0;
        if (text.Length < digits)
        {
            return false;
        }

        foreach (var digit in text[..digits])
        {
            var number = char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : radix;
            if (number >= radix)
            {
                return false;
            }

            value = (value * radix) + number;
        }

        text = text[digits..];
        return true;
    }

    private static bool WriteByte(ArrayBufferWriter<byte> bytes, long value)
    {
        bytes.Write([(byte)value]);
        return true;
    }

    private static bool WriteRune(ArrayBufferWriter<byte> bytes, long value)
    {
        if (value > int.MaxValue || !Rune.TryCreate((int)value, out var rune))
        {
            return false;
        }

        bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
        return true;
    }
}
