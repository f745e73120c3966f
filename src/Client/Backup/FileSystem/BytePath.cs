using System.Text;

namespace Halley.Client.Backup.FileSystem;

/// <summary>An absolute path in the bytes of the file system, which need not be UTF-8, with a NUL after them for the C library.</summary>
internal readonly struct BytePath
{
    private readonly byte[] _terminated;

    private BytePath(byte[] terminated) => _terminated = terminated;

    public static BytePath Root { get; } = new([(byte)'/', 0]);

    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    /// <summary>For the C library.</summary>
    public byte[] Terminated => _terminated;

    /// <summary>An absolute path.</summary>
    public static BytePath Of(ReadOnlySpan<byte> path) => new([.. path, 0]);

    public BytePath Join(ReadOnlySpan<byte> name)
    {
        var parent = Bytes is [(byte)'/'] ? [] : Bytes;
        var joined = new byte[parent.Length + name.Length + 2];
        parent.CopyTo(joined);
        joined[parent.Length] = (byte)'/';
        name.CopyTo(joined.AsSpan(parent.Length + 1));
        return new(joined);
    }

    /// <summary>For people; bytes that are not UTF-8 look like �.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
