using System.Runtime.InteropServices;

namespace Halley.Storage.Disk;

/// <summary>The inodes of a file system, which the base library does not tell. A file system without any left takes no new file.</summary>
internal static partial class LinuxInodes
{
    // Of struct statvfs on 64-bit Linux: numbers of 8 bytes, the sixth the inodes, the eighth those that are free for us.
    private const int Files = 5;
    private const int Available = 7;
    private const int Size = 32;

    /// <summary>Null when the file system makes inodes as it needs them, or cannot be asked.</summary>
    public static long? FreeOn(string path)
    {
        var found = new ulong[Size];
        return Environment.Is64BitProcess && StatVfs(path, found) == 0 && found[Files] > 0 ? (long)found[Available] : null;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatVfs(string path, [Out] ulong[] found);
}
