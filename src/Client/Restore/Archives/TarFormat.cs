using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Halley.Client.Repository;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>
/// Headers of the pax format of tar (POSIX.1-2001). The base library's writer takes names as text, and names of files are bytes.
/// </summary>
internal static class TarFormat
{
    /// <summary>Everything in a tar is a multiple of this.</summary>
    public const int BlockSize = 512;

    private const int LongestName = 100;
    private const ulong LargestOctal = 0x1_FFFF_FFFF; // eleven octal digits
    private const uint LargestId = 0x1F_FFFF; // seven
    private const int ChecksumOffset = 148;

    /// <summary>The header of an entry, with the extended one that goes before it.</summary>
    /// <param name="path">From the root of the archive, without a slash at its begin.</param>
    /// <param name="node">What the snapshot says.</param>
    /// <param name="type">Kind of entry as tar has it.</param>
    /// <param name="size">Bytes of content that follow.</param>
    /// <param name="link">Where a link points to; empty for everything else.</param>
    public static byte[] HeaderOf(ReadOnlySpan<byte> path, Node node, char type, ulong size, ReadOnlySpan<byte> link)
    {
        var target = new ArrayBufferWriter<byte>(4 * BlockSize);
        var records = RecordsOf(path, node, size, link);
        WriteBlock(target, "pax"u8, default, 'x', (ulong)records.Length, node: null);
        target.Write(records);
        Pad(target, records.Length);
        WriteBlock(target, path, link, type, size, node);
        return target.WrittenSpan.ToArray();
    }

    /// <summary>Zeros that fill the last block.</summary>
    public static int PaddingOf(ulong length) => (int)((BlockSize - (length % BlockSize)) % BlockSize);

    private static void Pad(ArrayBufferWriter<byte> target, int length)
    {
        var padding = PaddingOf((ulong)length);
        target.GetSpan(BlockSize)[..padding].Clear();
        target.Advance(padding);
    }

    private static ReadOnlySpan<byte> RecordsOf(ReadOnlySpan<byte> path, Node node, ulong size, ReadOnlySpan<byte> link)
    {
        var records = new ArrayBufferWriter<byte>();
        if (!Utf8.IsValid(path) || !Utf8.IsValid(link))
        {
            AddRecord(records, "hdrcharset", "BINARY"u8);
        }

        AddRecord(records, "path", path);
        if (!link.IsEmpty)
        {
            AddRecord(records, "linkpath", link);
        }

        AddRecord(records, "size", Text($"{size}"));
        AddRecord(records, "uid", Text($"{node.UserId}"));
        AddRecord(records, "gid", Text($"{node.GroupId}"));
        AddRecord(records, "mtime", TimeText(node.ModifyTime));
        AddRecord(records, "atime", TimeText(node.AccessTime));
        foreach (var attribute in node.ExtendedAttributes)
        {
            if (!attribute.Name.AsSpan().ContainsAny('=', '\0'))
            {
                AddRecord(records, $"SCHILY.xattr.{attribute.Name}", attribute.Value.Span);
            }
        }

        return records.WrittenSpan;
    }

    // "length key=value\n", where the length counts itself.
    private static void AddRecord(ArrayBufferWriter<byte> records, string key, ReadOnlySpan<byte> value)
    {
        var name = Encoding.UTF8.GetBytes(key);
        var rest = name.Length + value.Length + 3;
        var length = rest + 1;
        while (Text($"{length}").Length + rest != length)
        {
            length = Text($"{length}").Length + rest;
        }

        records.Write(Text($"{length} "));
        records.Write(name);
        records.Write("="u8);
        records.Write(value);
        records.Write("\n"u8);
    }

    private static byte[] TimeText(VaultTime time) => time is { UnixSeconds: < 0, Nanoseconds: > 0 }
        ? Text($"-{-(time.UnixSeconds + 1)}.{1_000_000_000 - time.Nanoseconds:D9}")
        : Text($"{time.UnixSeconds}.{time.Nanoseconds:D9}");

    private static byte[] Text(FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture));

    // What does not fit is in the extended header.
    private static void WriteBlock(
        ArrayBufferWriter<byte> target, ReadOnlySpan<byte> path, ReadOnlySpan<byte> link, char type, ulong size, Node? node)
    {
        var block = target.GetSpan(BlockSize)[..BlockSize];
        block.Clear();
        path[..Math.Min(path.Length, LongestName)].CopyTo(block);
        Octal(block.Slice(100, 8), node is null ? 0x1A4 : NodeMode.ToUnix(node.Mode));
        Octal(block.Slice(108, 8), Math.Min(node?.UserId ?? 0, LargestId));
        Octal(block.Slice(116, 8), Math.Min(node?.GroupId ?? 0, LargestId));
        Octal(block.Slice(124, 12), Math.Min(size, LargestOctal));
        Octal(block.Slice(136, 12), (ulong)Math.Clamp(node?.ModifyTime.UnixSeconds ?? 0, 0, (long)LargestOctal));
        block[156] = (byte)type;
        link[..Math.Min(link.Length, LongestName)].CopyTo(block[157..]);
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        if (node is { Type: NodeType.BlockDevice or NodeType.CharacterDevice })
        {
            Octal(block.Slice(329, 8), ((node.Device >> 8) & 0xFFF) | ((node.Device >> 32) & 0xFFFF_F000));
            Octal(block.Slice(337, 8), (node.Device & 0xFF) | ((node.Device >> 12) & 0xFFFF_FF00));
        }

        WriteChecksum(block);
        target.Advance(BlockSize);
    }

    // The sum of all bytes, with the sum itself taken for spaces.
    private static void WriteChecksum(Span<byte> block)
    {
        block.Slice(ChecksumOffset, 8).Fill((byte)' ');
        var sum = 0u;
        foreach (var value in block)
        {
            sum += value;
        }

        Octal(block.Slice(ChecksumOffset, 7), sum);
    }

    // Octal digits and a zero byte.
    private static void Octal(Span<byte> field, ulong number)
    {
        for (var at = field.Length - 2; at >= 0; at--)
        {
            field[at] = (byte)('0' + (number & 7));
            number >>= 3;
        }

        field[^1] = 0;
    }
}
