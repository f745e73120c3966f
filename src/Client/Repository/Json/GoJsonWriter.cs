using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Halley.Client.Repository.Json;

/// <summary>
/// Writes JSON as Go's encoder does, byte for byte, since restic's ids are hashes of it: no white space, HTML characters escaped,
/// everything that is not ASCII literal. The encoders of the base library escape other characters.
/// </summary>
internal sealed class GoJsonWriter
{
    private static readonly SearchValues<byte> Literal = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x60).Select(b => (byte)b).Except("\"\\<>&"u8.ToArray())]);

    private byte[] _buffer = new byte[4096];
    private int _length;
    private bool _needsComma;

    /// <summary>The text written since the last <see cref="Clear"/>; valid until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Number of bytes written.</summary>
    public int Length => _length;

    /// <summary>Begins anew; the buffer is kept.</summary>
    public void Clear() => (_length, _needsComma) = (0, false);

    public void BeginObject() => Begin((byte)'{');

    public void EndObject() => End((byte)'}');

    public void BeginArray() => Begin((byte)'[');

    public void EndArray() => End((byte)']');

    /// <summary>Begins a member; its value must follow.</summary>
    /// <param name="name">ASCII that needs no escapes.</param>
    public void Member(ReadOnlySpan<byte> name)
    {
        Separate();
        var target = Reserve(name.Length + 3);
        target[0] = (byte)'"';
        name.CopyTo(target[1..]);
        target[name.Length + 1] = (byte)'"';
        target[name.Length + 2] = (byte)':';
        _length += name.Length + 3;
        _needsComma = false;
    }

    public void Null() => Value("null"u8);

    public void Boolean(bool value) => Value(value ? "true"u8 : "false"u8);

    public void Number(long value)
    {
        Separate();
        Utf8Formatter.TryFormat(value, Reserve(20), out var written);
        Advance(written);
    }

    public void Number(ulong value)
    {
        Separate();
        Utf8Formatter.TryFormat(value, Reserve(20), out var written);
        Advance(written);
    }

    public void Id(in BlobId id)
    {
        Separate();
        var target = Reserve(BlobId.TextLength + 2);
        target[0] = target[BlobId.TextLength + 1] = (byte)'"';
        id.WriteText(target[1..^1][..BlobId.TextLength]);
        Advance(BlobId.TextLength + 2);
    }

    public void Time(VaultTime time)
    {
        Separate();
        var target = Reserve(VaultTime.LongestText + 2);
        target[0] = (byte)'"';
        var length = time.Write(target[1..]);
        target[length + 1] = (byte)'"';
        Advance(length + 2);
    }

    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Separate();
        var length = System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        var target = Reserve(length + 2);
        target[0] = target[length + 1] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, target[1..], out _, out _);
        Advance(length + 2);
    }

    public void String(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        String(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>Writes text in UTF-8; each byte that is none becomes U+FFFD, escaped.</summary>
    public void String(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Append((byte)'"');
        while (!utf8.IsEmpty)
        {
            var literal = utf8.IndexOfAnyExcept(Literal);
            if (literal != 0)
            {
                literal = literal < 0 ? utf8.Length : literal;
                AppendRange(utf8[..literal]);
                utf8 = utf8[literal..];
                continue;
            }

            utf8 = utf8[AppendEscaped(utf8)..];
        }

        Append((byte)'"');
        _needsComma = true;
    }

    /// <summary>Writes JSON from another source unchanged.</summary>
    public void Value(ReadOnlySpan<byte> json)
    {
        Separate();
        AppendRange(json);
        _needsComma = true;
    }

    /// <summary>Writes bytes that are no value, like the line feed at the end.</summary>
    public void AppendRange(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    private int AppendEscaped(ReadOnlySpan<byte> utf8)
    {
        var first = utf8[0];
        if (first < 0x80)
        {
            AppendRange(first switch
            {
                (byte)'"' => "\\\""u8,
                (byte)'\\' => "\\\\"u8,
                (byte)'\n' => "\\n"u8,
                (byte)'\r' => "\\r"u8,
                (byte)'\t' => "\\t"u8,
                _ => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', HexDigit(first >> 4), HexDigit(first & 15)],
            });
            return 1;
        }

        if (Rune.DecodeFromUtf8(utf8, out var rune, out var used) != OperationStatus.Done)
        {
            AppendRange("\\ufffd"u8);
            return 1; // as Go does: each byte of a broken sequence counts on its own
        }

        if (rune.Value is 0x2028 or 0x2029)
        {
            AppendRange(rune.Value == 0x2028 ? "\\u2028"u8 : "\\u2029"u8);
        }
        else
        {
            AppendRange(utf8[..used]);
        }

        return used;
    }

    private static byte HexDigit(int value) => (byte)"0123456789abcdef"[value];

    private void Begin(byte bracket)
    {
        Separate();
        Append(bracket);
        _needsComma = false;
    }

    private void End(byte bracket)
    {
        Append(bracket);
        _needsComma = true;
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Append((byte)',');
        }
    }

    private void Append(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    private void Advance(int written)
    {
        _length += written;
        _needsComma = true;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, checked((int)Math.Max((long)_length + count, Math.Min(2L * _buffer.Length, Array.MaxLength))));
        }

        return _buffer.AsSpan(_length);
    }
}
