using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Restore.Linux;

/// <summary>
/// An open directory. Each member acts on one name in it and follows no symbolic link, so nothing can lead out of it, whatever others do
/// to the paths above meanwhile. Names are bytes that end with a zero.
/// </summary>
internal sealed class LinuxDirectory : IDisposable
{
    private const uint OwnerOnly = 0x1C0; // 0700
    private const uint OwnerReadsAndWrites = 0x180; // 0600
    private const int LongestLinkTarget = 4096;

    private readonly SafeFileHandle _handle;

    private LinuxDirectory(int handle) => _handle = new SafeFileHandle(handle, ownsHandle: true);

    public SafeFileHandle Handle => _handle;

    /// <summary>Opens a directory that the user named; symbolic links on the way are the user's own. Null when it does not exist.</summary>
    public static LinuxDirectory? TryOpen(string path)
    {
        var handle = LinuxCalls.Open(path, LinuxCalls.ReadOnly | LinuxCalls.MustBeDirectory | LinuxCalls.CloseOnExec);
        return handle >= 0 ? new(handle)
            : Marshal.GetLastPInvokeError() == LinuxCalls.NoEntry ? null
            : throw LinuxException.Last("open");
    }

    /// <summary>Opens a directory in this one.</summary>
    /// <exception cref="LinuxException">It does not exist, or is a symbolic link or something else.</exception>
    public LinuxDirectory Open(byte[] name)
    {
        var flags = LinuxCalls.ReadOnly | LinuxCalls.MustBeDirectory | LinuxCalls.MustNotBeLink | LinuxCalls.CloseOnExec;
        return new(LinuxException.Check(LinuxCalls.OpenAt(_handle, name, flags, 0), "open"));
    }

    /// <summary>What is known of a name; null when nothing has it.</summary>
    public LinuxStatus? Find(byte[] name) =>
        LinuxCalls.Stat(_handle, name, LinuxCalls.NoFollow, LinuxStatus.BasicMask, out var status) == 0 ? status
        : Marshal.GetLastPInvokeError() == LinuxCalls.NoEntry ? null
        : throw LinuxException.Last("examine");

    /// <summary>Makes a directory that only its owner can enter, until it gets its own mode.</summary>
    public void Make(byte[] name) => LinuxException.Check(LinuxCalls.MakeDirectoryAt(_handle, name, OwnerOnly), "create");

    /// <summary>Makes a file that only its owner can read, until it gets its own mode.</summary>
    public SafeFileHandle CreateFile(byte[] name)
    {
        var flags = LinuxCalls.ReadWrite | LinuxCalls.Create | LinuxCalls.Exclusive | LinuxCalls.MustNotBeLink | LinuxCalls.CloseOnExec;
        return new(LinuxException.Check(LinuxCalls.OpenAt(_handle, name, flags, OwnerReadsAndWrites), "create"), ownsHandle: true);
    }

    /// <summary>Opens a file; what is no regular file is an error.</summary>
    public SafeFileHandle OpenFile(byte[] name, bool isForWriting)
    {
        var flags = (isForWriting ? LinuxCalls.ReadWrite : LinuxCalls.ReadOnly)
            | LinuxCalls.NonBlocking | LinuxCalls.MustNotBeLink | LinuxCalls.CloseOnExec;
        var file = new SafeFileHandle(LinuxException.Check(LinuxCalls.OpenAt(_handle, name, flags, 0), "open"), ownsHandle: true);
        if (StatusOf(file).IsFile)
        {
            return file;
        }

        file.Dispose();
        throw new LinuxException("open", LinuxCalls.TooManyLinks);
    }

    public static LinuxStatus StatusOf(SafeFileHandle file)
    {
        LinuxException.Check(LinuxCalls.Stat(file, [0], LinuxCalls.EmptyPath, LinuxStatus.BasicMask, out var status), "examine");
        return status;
    }

    public void MakeSymlink(byte[] name, byte[] target) =>
        LinuxException.Check(LinuxCalls.MakeSymlinkAt(target, _handle, name), "create");

    public void MakeNode(byte[] name, uint type, ulong device) =>
        LinuxException.Check(LinuxCalls.MakeNodeAt(_handle, name, type | OwnerReadsAndWrites, device), "create");

    /// <summary>Gives a file of another directory a second name here.</summary>
    public void Link(LinuxDirectory from, byte[] fromName, byte[] name) =>
        LinuxException.Check(LinuxCalls.LinkAt(from._handle, fromName, _handle, name, 0), "link");

    /// <summary>What a symbolic link points to.</summary>
    public ReadOnlyMemory<byte> ReadLink(byte[] name)
    {
        var target = new byte[LongestLinkTarget];
        var length = LinuxException.Check((int)LinuxCalls.ReadLinkAt(_handle, name, target, target.Length), "read");
        return target.AsMemory(0, length);
    }

    public void Unlink(byte[] name) => LinuxException.Check(LinuxCalls.UnlinkAt(_handle, name, 0), "delete");

    /// <summary>Deletes an empty directory.</summary>
    public void Remove(byte[] name) => LinuxException.Check(LinuxCalls.UnlinkAt(_handle, name, LinuxCalls.RemoveDirectory), "delete");

    /// <summary>Deletes whatever has this name, with all that is below it; the targets of symbolic links stay.</summary>
    public void RemoveAll(byte[] name, in LinuxStatus status)
    {
        if (!status.IsDirectory)
        {
            Unlink(name);
            return;
        }

        using (var directory = Open(name))
        {
            foreach (var child in directory.List())
            {
                if (directory.Find(child) is { } found)
                {
                    directory.RemoveAll(child, found);
                }
            }
        }

        Remove(name);
    }

    /// <summary>All names but those of the directory itself and of the one above.</summary>
    public unsafe List<byte[]> List()
    {
        var copy = LinuxException.Check(LinuxCalls.Duplicate(_handle), "list");
        var listing = LinuxCalls.OpenListing(copy);
        if (listing == 0)
        {
            var error = LinuxException.Last("list");
            _ = LinuxCalls.Close(copy);
            throw error;
        }

        try
        {
            LinuxCalls.RewindListing(listing);
            var names = new List<byte[]>();
            for (nint entry; (entry = ReadEntry(listing)) != 0;)
            {
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + NameOffset);
                if (name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
                {
                    names.Add([.. name, 0]);
                }
            }

            return names;
        }
        finally
        {
            _ = LinuxCalls.CloseListing(listing);
        }
    }

    public void Dispose() => _handle.Dispose();

    // struct dirent on 64-bit Linux: inode and offset in eight bytes each, length in two, type in one.
    private const int NameOffset = 19;

    private static nint ReadEntry(nint listing)
    {
        Marshal.SetLastSystemError(0);
        var entry = LinuxCalls.ReadListing(listing);
        return entry == 0 && Marshal.GetLastPInvokeError() != 0 ? throw LinuxException.Last("list") : entry;
    }
}
