using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// All file-system calls of the engine. Nothing else in this project touches a disk, so a test can make the n-th call fail, for every n,
/// and examine the result.
/// </summary>
internal class DiskCalls
{
    private const long LongestPrefetch = 16 << 20;

    public static DiskCalls Real { get; } = new();

    // A file in the making is locked, so that a sweep leaves it alone. Windows would refuse to rename it without Delete; Unix takes no
    // notice of renames, and would only lock it half with Delete.
    private static readonly FileShare InTheMaking = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    /// <summary>Creates a file that must not exist. While it is open, other processes see it as locked.</summary>
    public virtual SafeFileHandle CreateNew(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, InTheMaking);

    /// <summary>Opens a file for reading; null when it does not exist.</summary>
    public virtual SafeFileHandle? OpenRead(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual int Read(SafeFileHandle file, Span<byte> bytes, long offset) => RandomAccess.Read(file, bytes, offset);

    public virtual long LengthOf(SafeFileHandle file) => RandomAccess.GetLength(file);

    public virtual void Flush(SafeFileHandle file) => DeviceFlush.Run(file);

    /// <summary>
    /// Makes everything durable that was written to the file system of a file; false where that is not possible or failed, and each file is
    /// to be flushed.
    /// </summary>
    public virtual bool FlushFileSystem(SafeFileHandle file) => OperatingSystem.IsLinux() && LibC.SyncFileSystem(file) == 0;

    /// <summary>Lets other processes open an unfinished file for reading. A sweep still leaves it alone.</summary>
    public virtual void LetReadersIn(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = LibC.Lock(file, LibC.SharedLock | LibC.NoWaiting);
        }
    }

    /// <summary>Makes the content of a finished file durable, no matter which process wrote it; false when it does not exist.</summary>
    public virtual bool FlushFile(string path)
    {
        try
        {
            var access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read; // Windows flushes only what could be written
            using var file = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
            DeviceFlush.Run(file);
            return true;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Makes the entries of a directory durable. Windows does that itself and has no such call.</summary>
    public virtual void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = LibC.Open(path, OperatingSystem.IsLinux() ? LibC.ReadOnlyDirectory : LibC.ReadOnlyDirectoryOnMac);
        if (descriptor < 0)
        {
            throw SystemCalls.LastError("open", path);
        }

        using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
        DeviceFlush.Run(directory, isDirectory: true);
    }

    /// <summary>Renames a file to its final name; false when that name is taken. Never replaces a file.</summary>
    public virtual bool MoveNew(string from, string to) => SystemCalls.TryRenameNew(from, to) switch
    {
        0 => true,
        Errno.Exists => false,
        null => OperatingSystem.IsWindows() ? SystemCalls.MoveNewOnWindows(from, to) : SystemCalls.LinkNew(from, to),
        { } code => throw SystemCalls.Error("rename", to, code),
    };

    /// <summary>Renames a file to a name that may be taken; what had it is replaced in one step.</summary>
#pragma warning disable RS0030 // only for files that may be replaced
    public virtual void MoveOver(string from, string to) => File.Move(from, to, overwrite: true);
#pragma warning restore RS0030

    /// <summary>Moves a file or directory within a volume to an unused name; false when it does not exist.</summary>
    public virtual bool MoveAway(string from, string to)
    {
        var code = SystemCalls.TryRenameNew(from, to);
        if (code is Errno.NoEntry && !Directory.Exists(from) && Length(from) is null)
        {
            return false; // it is what is to be moved that is missing, not the place where it should go
        }

        if (code is null && !Directory.Exists(from) && !File.Exists(from))
        {
            return false;
        }

        if (code is null)
        {
            Directory.Move(from, to);
            return true;
        }

        return code == 0 ? true : throw SystemCalls.Error("rename", from, code.Value);
    }

    /// <summary>Deletes a file; false when it did not exist.</summary>
    public virtual bool Delete(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var existed = File.Exists(path);
            File.Delete(path);
            return existed;
        }

        if (LibC.Unlink(path) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == Errno.NoEntry ? false : throw SystemCalls.LastError("unlink", path);
    }

    /// <summary>Deletes a file that no process has open (<see cref="CreateNew"/>); false when it is in use or gone.</summary>
    public virtual bool DeleteUnused(string path)
    {
        try
        {
            using (File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, InTheMaking))
            {
                File.Delete(path);
                return true;
            }
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Size of a file; null when it certainly does not exist, also when a directory has its name.</summary>
    public virtual long? Length(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return LinuxStat.TryRead(path, out var found) switch
            {
                0 => found.IsDirectory ? null : found.Size,
                Errno.NoEntry or Errno.NotDirectory => null,
                var code => throw SystemCalls.Error("stat", path, code),
            };
        }

        var file = new FileInfo(path);
        _ = file.Attributes; // unlike Exists, this throws when the disk fails
        return file.Exists ? file.Length : null;
    }

    /// <summary>The current state of a file or directory; null only when it certainly does not exist.</summary>
    public virtual DiskEntry? State(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            return LinuxStat.TryReadState(path, out var found) switch
            {
                0 => found,
                Errno.NoEntry or Errno.NotDirectory => null,
                var code => throw SystemCalls.Error("stat", path, code),
            };
        }

        return SystemCalls.StateElsewhere(path);
    }

    /// <summary>The number of the file system that a path is on; null when the path does not exist or the platform does not say.</summary>
    public virtual ulong? Device(string path) =>
        OperatingSystem.IsLinux() && LinuxStat.TryRead(path, out var found) == 0 ? found.Device : null;

    public virtual bool DirectoryExists(string path) => Directory.Exists(path);

    /// <summary>Creates one directory, whose parent must exist; false when it existed.</summary>
    public virtual bool CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return SystemCalls.CreateDirectoryOnWindows(path);
        }

        if (LibC.MakeDirectory(path, LibC.UsualDirectoryMode) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == Errno.Exists ? false : throw SystemCalls.LastError("mkdir", path);
    }

    public virtual void DeleteTree(string path) => Directory.Delete(path, recursive: true);

    /// <summary>
    /// The files of a directory with their sizes; null when it does not exist. A file that vanishes while it is read is left out.
    /// </summary>
    public virtual IEnumerable<BlobEntry>? Files(string path)
    {
        try
        {
            var names = new FileSystemEnumerable<string>(path, static (ref entry) => entry.FileName.ToString(), FlatListing)
            {
                ShouldIncludePredicate = static (ref entry) => BlobName.IsId(entry.FileName),
            };
            return OperatingSystem.IsLinux() ? LinuxStat.AddLengths(path, names) : AddLengths(path, names);
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All names in a directory; none when it does not exist.</summary>
    public virtual IReadOnlyList<string> Names(string path) =>
        SystemCalls.NamesOf(path, static path => Directory.EnumerateFileSystemEntries(path));

    /// <summary>The names of the directories in a directory; none when it does not exist.</summary>
    public virtual IReadOnlyList<string> Directories(string path) =>
        SystemCalls.NamesOf(path, static path => Directory.EnumerateDirectories(path));

    /// <summary>When the entries of a directory last changed, by the disk's clock; null when it does not exist.</summary>
    public virtual DateTime? DirectoryChanged(string path)
    {
        var directory = new DirectoryInfo(path);
        _ = directory.Attributes; // unlike Exists, this throws when the disk fails
        return directory.Exists ? directory.LastWriteTimeUtc : null;
    }

    /// <summary>The clock that stamps files. It is the machine's, also where a test moves the clock of the program.</summary>
    public virtual DateTime Now() => DateTime.UtcNow;

    /// <summary>The first bytes of a file that should be a small one; null when it does not exist.</summary>
    public virtual byte[]? ReadSmall(string path)
    {
        using var file = OpenRead(path);
        if (file is null)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[1024];
        return bytes[..Read(file, bytes, 0)].ToArray();
    }

    /// <summary>Bytes this process may still write on the file system of a directory, and its size.</summary>
    public virtual (long Free, long Total) Space(string path)
    {
        var drive = new DriveInfo(path);
        return (drive.AvailableFreeSpace, drive.TotalSize);
    }

    /// <summary>Files that the file system of a directory may still hold; null when it has no limit or does not tell.</summary>
    public virtual long? FreeInodes(string path) => OperatingSystem.IsLinux() ? LinuxInodes.FreeOn(path) : null;

    /// <summary>Drops a flushed file from the page cache, so that the next read goes to the device. A hint, and only on Linux.</summary>
    public virtual void ForgetCached(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Advise(file, 0, 0, LibC.DontNeed);
        }
    }

    /// <summary>Starts reading the beginning of a file ahead of its use. A hint, and only on Linux.</summary>
    public virtual void Prefetch(SafeFileHandle file, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LibC.Advise(file, 0, Math.Min(length, LongestPrefetch), LibC.WillNeed);
        }
    }

    /// <summary>Begins to write a part of a file to the device, which makes nothing durable. Only on Linux.</summary>
    public virtual void StartWriting(SafeFileHandle file, long offset, long length, bool wait)
    {
        // An error must be caught here: the kernel reports it once, and a later flush may succeed.
        if (OperatingSystem.IsLinux() && LibC.SyncFileRange(file, offset, length, wait ? LibC.WriteAndWait : LibC.Write) != 0
            && Marshal.GetLastPInvokeError() is not (Errno.NotImplemented or Errno.Invalid))
        {
            throw SystemCalls.LastError("sync_file_range", "a file in the making");
        }
    }

    private static readonly EnumerationOptions FlatListing = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        BufferSize = 64 * 1024,
    };

    private IEnumerable<BlobEntry> AddLengths(string path, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (Length($"{path}/{name}") is { } length)
            {
                yield return new BlobEntry(name, length);
            }
        }
    }
}
