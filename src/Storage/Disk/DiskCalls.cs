using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// The file-system calls of the engine, all of them. Nothing else in this project touches a disk, so that a test can let the n-th call
/// fail, for every n, and look at what is left.
/// </summary>
internal class DiskCalls
{
    public static DiskCalls Real { get; } = new();

    /// <summary>Creates a file that must not exist. While it is open, other processes see it as locked.</summary>
    public virtual SafeFileHandle CreateNew(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);

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

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>Makes the entries of a directory durable. Windows does that itself and has no such call.</summary>
    public virtual void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = LibC.Open(path, OperatingSystem.IsLinux() ? LibC.ReadOnlyDirectory : 0);
        if (descriptor < 0)
        {
            throw LastError("open", path);
        }

        var result = LibC.FSync(descriptor);
        var error = result == 0 ? null : LastError("fsync", path);
        _ = LibC.Close(descriptor); // nothing was written through this descriptor: closing it can lose nothing
        if (error is not null and not { HResult: Errno.Invalid or Errno.NotSupported })
        {
            throw error; // "invalid" and "not supported" are file systems that keep directories durable in another way
        }
    }

    /// <summary>Gives a file its final name; false when that name is taken. Never replaces.</summary>
    public virtual bool MoveNew(string from, string to)
    {
        if (OperatingSystem.IsLinux())
        {
            if (LibC.RenameAt2(LibC.CurrentDirectory, from, LibC.CurrentDirectory, to, LibC.NoReplace) == 0)
            {
                return true;
            }

            var code = Marshal.GetLastPInvokeError();
            if (code is not (Errno.Invalid or Errno.NotImplemented))
            {
                return code == Errno.Exists ? false : throw LastError("rename", to);
            }
        }

        return OperatingSystem.IsWindows() ? MoveNewOnWindows(from, to) : LinkNew(from, to);
    }

    /// <summary>Moves a file or directory within a volume to a name that is free.</summary>
    public virtual void MoveAway(string from, string to) => Directory.Move(from, to);

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

        return Marshal.GetLastPInvokeError() == Errno.NoEntry ? false : throw LastError("unlink", path);
    }

    /// <summary>Size of a file; null when it does not exist.</summary>
    public virtual long? Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : null;
    }

    public virtual bool DirectoryExists(string path) => Directory.Exists(path);

    /// <summary>Creates one directory, whose parent must exist; false when it existed.</summary>
    public virtual bool CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return false;
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new DirectoryNotFoundException("The directory above the one to be made does not exist.");
        }

        Directory.CreateDirectory(path);
        return true;
    }

    public virtual void DeleteTree(string path) => Directory.Delete(path, recursive: true);

    /// <summary>The files of a directory with their sizes; null when it does not exist. A file that vanishes while it is read is left out.</summary>
    public virtual IEnumerable<BlobEntry>? Files(string path)
    {
        try
        {
            return new FileSystemEnumerable<BlobEntry>(path, ToEntry, FlatListing)
            {
                ShouldIncludePredicate = static (ref entry) =>
                    !entry.IsDirectory && (entry.Length > 0 || File.Exists(entry.ToFullPath())), // a vanished file has length 0, too
            };
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The names of the directories in a directory; none when it does not exist.</summary>
    public virtual IReadOnlyList<string> Directories(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path).Select(Path.GetFileName).OfType<string>()] : [];

    /// <summary>When the entries of a directory last changed, by the disk's clock; null when it does not exist.</summary>
    public virtual DateTime? DirectoryChanged(string path)
    {
        var directory = new DirectoryInfo(path);
        return directory.Exists ? directory.LastWriteTimeUtc : null;
    }

    /// <summary>The clock that stamps files. It is the machine's, also where a test moves the clock of the program.</summary>
    public virtual DateTime Now() => DateTime.UtcNow;

    /// <summary>The whole of a small file; null when it does not exist.</summary>
    public virtual byte[]? ReadSmall(string path)
    {
        using var file = OpenRead(path);
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[RandomAccess.GetLength(file)];
        var read = Read(file, bytes, 0);
        return bytes[..read];
    }

    /// <summary>Bytes this process may still write on the file system of a directory, and its size.</summary>
    public virtual (long Free, long Total) Space(string path)
    {
        var drive = new DriveInfo(path);
        return (drive.AvailableFreeSpace, drive.TotalSize);
    }

    private static readonly EnumerationOptions FlatListing = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        BufferSize = 64 * 1024,
    };

    private static BlobEntry ToEntry(ref FileSystemEntry entry) => new(entry.FileName.ToString(), entry.Length);

    // A hard link fails when the name is taken, which is what rename lacks. A crash between the two calls leaves a second name in the
    // staging directory, which is swept.
    private static bool LinkNew(string from, string to)
    {
        if (LibC.Link(from, to) != 0)
        {
            return Marshal.GetLastPInvokeError() == Errno.Exists ? false : throw LastError("link", to);
        }

        return LibC.Unlink(from) == 0 ? true : throw LastError("unlink", from);
    }

    private static bool MoveNewOnWindows(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    private static IOException LastError(string call, string path)
    {
        var code = Marshal.GetLastPInvokeError();
        var message = $"{call} of {path}: {Marshal.GetPInvokeErrorMessage(code)}";
        return code == Errno.NoEntry ? new DirectoryNotFoundException(message) : new IOException(message, code);
    }
}
