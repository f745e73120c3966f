using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// The state of a path according to Linux. The base library is unfit: <c>Exists</c> returns false for a failing disk, and makes several
/// calls.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal readonly partial struct LinuxStat
{
    private const int FileTypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const uint TypeAndSize = 0x1 | 0x200; // STATX_TYPE | STATX_SIZE
    private const uint Everything = TypeAndSize | 0x40 | 0x80 | 0x100; // STATX_MTIME | STATX_CTIME | STATX_INO

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    [FieldOffset(40)]
    private readonly long _size;

    [FieldOffset(96)]
    private readonly long _changedSeconds;

    [FieldOffset(104)]
    private readonly uint _changedNanoseconds;

    [FieldOffset(112)]
    private readonly long _modifiedSeconds;

    [FieldOffset(120)]
    private readonly uint _modifiedNanoseconds;

    [FieldOffset(136)]
    private readonly uint _deviceMajor;

    [FieldOffset(140)]
    private readonly uint _deviceMinor;

    /// <summary>The number of the file system it is on.</summary>
    public ulong Device => ((ulong)_deviceMajor << 32) | _deviceMinor;

    public bool IsDirectory => (_mode & FileTypeMask) == DirectoryType;

    public long Size => _size;

    /// <summary>The error number; 0 when it went well.</summary>
    public static int TryRead(string path, out LinuxStat found) =>
        Read(LibC.CurrentDirectory, path, 0, TypeAndSize, out found) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Adds lengths to the names in a directory, and omits names that are not files (any more). Calls relative to the open directory cost
    /// the kernel a third less work.
    /// </summary>
    public static IEnumerable<BlobEntry> AddLengths(string directory, IEnumerable<string> names)
    {
        var descriptor = LibC.Open(directory, LibC.ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw SystemCalls.LastError("open", directory);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        foreach (var name in names)
        {
            var code = Read(descriptor, name, 0, TypeAndSize, out var found) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (code is not (0 or Errno.NoEntry))
            {
                throw SystemCalls.Error("stat", directory, code);
            }

            if (code == 0 && !found.IsDirectory)
            {
                yield return new BlobEntry(name, found.Size);
            }
        }
    }

    /// <summary>Everything that distinguishes one state of a file from another.</summary>
    public static int TryReadState(string path, out DiskEntry entry)
    {
        var code = Read(LibC.CurrentDirectory, path, 0, Everything, out var found) == 0 ? 0 : Marshal.GetLastPInvokeError();
        entry = new DiskEntry(
            Path.GetFileName(path), found.IsDirectory, found._size, found._inode, Time(found._modifiedSeconds, found._modifiedNanoseconds),
            Time(found._changedSeconds, found._changedNanoseconds));
        return code;
    }

    private static DateTime Time(long seconds, uint nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(
            (Math.Clamp(seconds, 0, uint.MaxValue) * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick));

    // statx(2), whose result has the same layout on every processor
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Read(int directory, string path, int flags, uint wanted, out LinuxStat found);
}
