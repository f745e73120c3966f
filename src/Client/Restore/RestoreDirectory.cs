using Halley.Client.Repository.Trees;
using Halley.Client.Restore.Linux;

namespace Halley.Client.Restore;

/// <summary>
/// A directory of the target. It is opened and made when the first entry needs it, from the one above on, never by a path.
/// </summary>
internal sealed class RestoreDirectory(
    RestoreDirectory? parent, byte[] name, Node? node, string path, byte[] selector, int depth)
{
    public RestoreDirectory? Parent => parent;

    /// <summary>The name with a zero at its end; empty for the target itself.</summary>
    public byte[] Name => name;

    /// <summary>What the snapshot says about it; null for the target itself, which keeps what it has.</summary>
    public Node? Node => node;

    /// <summary>For people, from the target on.</summary>
    public string Path => path;

    public int Depth => depth;

    /// <summary>Open while the walk is in it or below; null when it is not, and in a dry run when it does not exist.</summary>
    public LinuxDirectory? Open { get; set; }

    /// <summary>True when <see cref="Open"/> was decided upon.</summary>
    public bool IsEntered { get; set; }

    /// <summary>True when it could not be made or opened, so that nothing in it is restored.</summary>
    public bool IsClosed { get; set; }

    /// <summary>True when it is to be restored itself, and not only what is below it.</summary>
    public bool IsSelected { get; set; }

    /// <summary>True when it gets the metadata of the snapshot.</summary>
    public bool GetsMetadata { get; set; }

    /// <summary>True when nothing in it may be deleted.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>The path of something in it, in bytes, from the source on: patterns are compared with it.</summary>
    public byte[] SelectorOf(ReadOnlySpan<byte> child) => [.. selector, (byte)'/', .. child];

    public string PathOf(string child) => path.Length == 1 ? $"/{child}" : $"{path}/{child}";

    /// <summary>Opens it anew, each directory in the one above.</summary>
    public LinuxDirectory Reopen(string target)
    {
        if (parent is null)
        {
            return LinuxDirectory.TryOpen(target) ?? throw new LinuxException("open", LinuxCalls.NoEntry);
        }

        using var above = parent.Reopen(target);
        return above.Open(name);
    }
}

/// <summary>A file whose content is written, or was.</summary>
internal sealed class RestoreFile(
    RestoreDirectory directory, byte[] name, Node node, string path, long zerosFrom, IReadOnlyList<FilePiece> pieces)
{
    private int _openPieces;

    public RestoreDirectory Directory => directory;

    /// <summary>The name with a zero at its end.</summary>
    public byte[] Name => name;

    public Node Node => node;

    /// <summary>For people, from the target on.</summary>
    public string Path => path;

    /// <summary>From this byte on it has only zeros until something is written.</summary>
    public long ZerosFrom => zerosFrom;

    /// <summary>True when a part of its content could not be restored.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>All of its content; empty unless it is read back.</summary>
    public IReadOnlyList<FilePiece> Pieces => pieces;

    public void AddPiece() => _openPieces++;

    /// <summary>Counts a piece that is done; true for the last one.</summary>
    public bool FinishPiece() => Interlocked.Decrement(ref _openPieces) == 0;
}
