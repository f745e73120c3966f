using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// The system calls that the base library lacks: a rename that never replaces, the flush of a directory (dotnet/runtime#28169), and
/// dropping pages from the cache.
/// </summary>
internal static partial class LibC
{
    public const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC on Linux; O_RDONLY is 0
    public const int ReadOnlyDirectoryOnMac = 0x100000 | 0x1000000; // the same there
    public const uint UsualDirectoryMode = 0x1FF; // 0777, less the umask
    public const int CurrentDirectory = -100; // AT_FDCWD
    public const uint NoReplace = 1; // RENAME_NOREPLACE

    public const int WillNeed = 3; // POSIX_FADV_WILLNEED
    public const int DontNeed = 4; // POSIX_FADV_DONTNEED

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    public static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    public const uint Write = 2; // SYNC_FILE_RANGE_WRITE
    public const uint WriteAndWait = 1 | 2 | 4; // SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    public const int FullFlush = 51; // F_FULLFSYNC on macOS, where fsync leaves the data in the device's memory

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs")]
    public static partial int SyncFileSystem(SafeFileHandle file);

    public const int SharedLock = 1; // LOCK_SH
    public const int NoWaiting = 4; // LOCK_NB

    [LibraryImport("libc", EntryPoint = "flock")]
    public static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);
}
