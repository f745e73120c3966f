using System.Buffers.Text;
using System.Text;

namespace Halley.Benchmarks.Load;

/// <summary>The few things of an answer's head that the driver must know.</summary>
internal readonly ref struct AnswerHead
{
    private const int StatusOffset = 9;

    public AnswerHead(ReadOnlySpan<byte> head)
    {
        Status = (int)NumberAt(head[StatusOffset..]);
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            if (StartsWith(line, "content-length:"u8))
            {
                ContentLength = NumberAt(line["content-length:".Length..].TrimStart((byte)' '));
            }
            else if (StartsWith(line, "transfer-encoding:"u8))
            {
                IsChunked = true;
            }
            else if (StartsWith(line, "connection:"u8))
            {
                Closes = line.IndexOf("close"u8) >= 0;
            }
        }
    }

    public int Status { get; }

    public long ContentLength { get; }

    public bool IsChunked { get; }

    public bool Closes { get; }

    private static long NumberAt(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long number, out _)
        ? number
        : throw new InvalidDataException($"Not a number: {Encoding.ASCII.GetString(text)}");

    private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
