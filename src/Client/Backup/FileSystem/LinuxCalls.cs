using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Client.Backup.FileSystem;

/// <summary>The calls of Linux that the base library does not offer, or only for names that are UTF-8.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int CurrentDirectory = -100; // AT_FDCWD
    public const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    public const int NoAutomount = 0x800; // AT_NO_AUTOMOUNT
    public const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    public const uint BasicStatus = 0x7ff; // STATX_BASIC_STATS

    public const int OpenCloseOnExec = 0x80000; // O_CLOEXEC
    public const int OpenNoAccessTime = 0x40000; // O_NOATIME
    public const int OpenNonBlocking = 0x800; // O_NONBLOCK: a FIFO that took the file's place must not stop the backup

    // O_NOFOLLOW
    public static readonly int OpenNoFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    public const int SeekData = 3; // SEEK_DATA
    public const int SeekHole = 4; // SEEK_HOLE

    public const int NotPermitted = 1; // EPERM
    public const int NoSuchAddress = 6; // ENXIO
    public const int AccessDenied = 13; // EACCES
    public const int InvalidArgument = 22; // EINVAL
    public const int Interrupted = 4; // EINTR
    public const int OutOfRange = 34; // ERANGE
    public const int NoData = 61; // ENODATA
    public const int NotSupported = 95; // EOPNOTSUPP

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Status(int directory, byte[] path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Status(SafeFileHandle file, byte[] path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial SafeFileHandle Open(byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, byte* buffer, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    public static partial nint ReadLink(byte[] path, byte* target, nint size);

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true)]
    public static partial nint OpenDirectory(byte[] path);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    public static partial byte* ReadDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    public static partial nint ListAttributes(byte[] path, byte[] names, nint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint ReadAttribute(byte[] path, byte* name, byte[] value, nint size);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    public static partial int FindUser(uint id, nint* record, byte* buffer, nint size, out nint found);

    [LibraryImport("libc", EntryPoint = "getgrgid_r")]
    public static partial int FindGroup(uint id, nint* record, byte* buffer, nint size, out nint found);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint GroupId();
}
