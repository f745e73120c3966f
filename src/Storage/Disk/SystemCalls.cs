using System.Runtime.InteropServices;

namespace Halley.Storage.Disk;

/// <summary>The implementation of <see cref="DiskCalls"/> where the systems differ.</summary>
internal static class SystemCalls
{
    private static volatile bool _lacksRenameAt2;

    public static DiskEntry? StateElsewhere(string path)
    {
        var file = new FileInfo(path);
        var isDirectory = file.Attributes.HasFlag(FileAttributes.Directory); // throws when the disk fails, gives -1 when there is none
        return (int)file.Attributes == -1 ? null
            : new DiskEntry(file.Name, isDirectory, isDirectory ? 0 : file.Length, 0, file.LastWriteTimeUtc, file.CreationTimeUtc);
    }

    public static IReadOnlyList<string> NamesOf(string path, Func<string, IEnumerable<string>> entries)
    {
        try
        {
            return [.. entries(path).Select(Path.GetFileName).OfType<string>()];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The error number, 0 on success; null when the system has no rename that never replaces.</summary>
    public static int? TryRenameNew(string from, string to)
    {
        if (!OperatingSystem.IsLinux() || _lacksRenameAt2)
        {
            return null;
        }

        try
        {
            return LibC.RenameAt2(LibC.CurrentDirectory, from, LibC.CurrentDirectory, to, LibC.NoReplace) == 0
                ? 0
                : Marshal.GetLastPInvokeError() is var code and not (Errno.Invalid or Errno.NotImplemented) ? code : null;
        }
        catch (EntryPointNotFoundException)
        {
            _lacksRenameAt2 = true; // musl before 1.2.6
            return null;
        }
    }

    // A hard link fails when the name is taken; rename does not. A crash between the two calls leaves a second name in the staging
    // directory, which is swept.
    public static bool LinkNew(string from, string to)
    {
        if (LibC.Link(from, to) != 0)
        {
            return Marshal.GetLastPInvokeError() == Errno.Exists ? false : throw LastError("link", to);
        }

        return LibC.Unlink(from) == 0 ? true : throw LastError("unlink", from);
    }

    public static bool CreateDirectoryOnWindows(string path)
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

    public static IOException LastError(string call, string path) => Error(call, path, Marshal.GetLastPInvokeError());

    public static IOException Error(string call, string path, int code)
    {
        var message = $"{call} of {path}: {Marshal.GetPInvokeErrorMessage(code)}";
        return code == Errno.NoEntry ? new DirectoryNotFoundException(message) : new IOException(message, code);
    }

    public static bool MoveNewOnWindows(string from, string to)
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
}
