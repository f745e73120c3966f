using System.Runtime.InteropServices;
using System.Text;
using Halley.Client.Repository.Trees;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Backup.FileSystem;

/// <summary>Directories, links and attributes of Linux, with names in bytes.</summary>
internal static unsafe class LinuxFiles
{
    private const int NameOffset = 19; // of d_name in struct dirent: d_ino, d_off, d_reclen and d_type come before
    private static readonly byte[] EmptyPath = [0];

    /// <exception cref="SourceException">It is gone or hidden.</exception>
    public static FileStatus Status(BytePath path, bool followsLink = false)
    {
        var flags = LinuxCalls.NoAutomount | (followsLink ? 0 : LinuxCalls.NoFollow);
        return LinuxCalls.Status(LinuxCalls.CurrentDirectory, path.Terminated, flags, LinuxCalls.BasicStatus, out var status) == 0
            ? status
            : throw SourceException.OfLastCall("cannot be looked at");
    }

    /// <exception cref="SourceException">The file system fails.</exception>
    public static FileStatus Status(SafeFileHandle file) =>
        LinuxCalls.Status(file, EmptyPath, LinuxCalls.EmptyPath, LinuxCalls.BasicStatus, out var status) == 0
            ? status
            : throw SourceException.OfLastCall("cannot be looked at");

    /// <summary>Opens a file for reading, without a change of its access time where that is allowed.</summary>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static SafeFileHandle Open(BytePath path)
    {
        var flags = LinuxCalls.OpenCloseOnExec | LinuxCalls.OpenNoFollow | LinuxCalls.OpenNonBlocking;
        var file = LinuxCalls.Open(path.Terminated, flags | LinuxCalls.OpenNoAccessTime);
        if (file.IsInvalid && Marshal.GetLastPInvokeError() == LinuxCalls.NotPermitted)
        {
            file = LinuxCalls.Open(path.Terminated, flags); // only its owner may leave the access time alone
        }

        return file.IsInvalid ? throw SourceException.OfLastCall("cannot be opened") : file;
    }

    /// <summary>The names in a directory in the order of their bytes.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static List<byte[]> List(BytePath path)
    {
        var directory = LinuxCalls.OpenDirectory(path.Terminated);
        if (directory == 0)
        {
            throw SourceException.OfLastCall("cannot be listed");
        }

        var names = new List<byte[]>();
        try
        {
            for (var entry = Next(directory); entry is not null; entry = Next(directory))
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
                if (name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
                {
                    names.Add(name.ToArray());
                }
            }
        }
        finally
        {
            _ = LinuxCalls.CloseDirectory(directory);
        }

        names.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return names;
    }

    /// <exception cref="SourceException">It cannot be read.</exception>
    public static byte[] LinkTarget(BytePath path)
    {
        var target = new byte[4096];
        fixed (byte* start = target)
        {
            var length = LinuxCalls.ReadLink(path.Terminated, start, target.Length);
            return length >= 0 ? target[..(int)length] : throw SourceException.OfLastCall("the link cannot be read");
        }
    }

    /// <summary>Extended attributes, access control lists among them, in the order of the file system.</summary>
    /// <exception cref="SourceException">They cannot be read.</exception>
    public static IReadOnlyList<NodeXattr> Attributes(BytePath path)
    {
        var length = LinuxCalls.ListAttributes(path.Terminated, [], 0);
        if (length == 0 || (length < 0 && Marshal.GetLastPInvokeError() == LinuxCalls.NotSupported))
        {
            return [];
        }

        var names = new byte[1 << 16]; // no list is longer
        length = LinuxCalls.ListAttributes(path.Terminated, names, names.Length);
        if (length < 0)
        {
            throw SourceException.OfLastCall("extended attributes cannot be listed");
        }

        var attributes = new List<NodeXattr>();
        for (var rest = names.AsSpan(0, (int)length); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            if (Attribute(path, rest[..(end + 1)]) is { } value)
            {
                attributes.Add(new(Encoding.UTF8.GetString(rest[..end]), value));
            }

            rest = rest[(end + 1)..];
        }

        return attributes;
    }

    /// <summary>True when a file begins with these bytes.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static bool StartsWith(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        var begin = new byte[bytes.Length];
        fixed (byte* start = begin)
        {
            var count = LinuxCalls.Read(file, start, begin.Length, 0);
            return count >= 0 ? begin.AsSpan(0, (int)count).SequenceEqual(bytes) : throw SourceException.OfLastCall("cannot be read");
        }
    }

    private static byte[]? Attribute(BytePath path, ReadOnlySpan<byte> terminatedName)
    {
        var value = new byte[256];
        while (true)
        {
            nint length;
            fixed (byte* name = terminatedName)
            {
                length = LinuxCalls.ReadAttribute(path.Terminated, name, value, value.Length);
            }

            if (length >= 0)
            {
                return value[..(int)length];
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LinuxCalls.NoData:
                    return null; // it went away meanwhile
                case LinuxCalls.OutOfRange when value.Length < 1 << 20:
                    value = new byte[value.Length * 16];
                    continue;
                default:
                    throw SourceException.OfLastCall("an extended attribute cannot be read");
            }
        }
    }

    private static byte* Next(nint directory)
    {
        var entry = LinuxCalls.ReadDirectory(directory);
        return entry is not null || Marshal.GetLastPInvokeError() == 0 ? entry : throw SourceException.OfLastCall("cannot be listed");
    }
}
