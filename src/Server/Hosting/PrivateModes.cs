using System.Runtime.InteropServices;

namespace Halley.Server.Hosting;

/// <summary>
/// Keeps files from other users of the machine, whatever umask the process was started with: SQLite and the log create theirs with the
/// usual mode. Volumes are private, too, as they are with the umask of the shipped unit.
/// </summary>
internal static class PrivateModes
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Folder = File | UnixFileMode.UserExecute;

    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>For everything that this process creates from now on.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask((uint)OfOthers);
        }
    }

    /// <summary>Takes from others what they may do with a directory and the entries in it, or refuses the start.</summary>
    public static void Repair(string directory)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(directory))
        {
            return;
        }

        Repair(new DirectoryInfo(directory), Folder);
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            Repair(entry, entry is DirectoryInfo ? Folder : File);
        }
    }

    private static void Repair(FileSystemInfo entry, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows() || (entry.UnixFileMode & OfOthers) == 0)
        {
            return;
        }

        try
        {
            entry.UnixFileMode = mode;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                ExitCodes.WrongSettings,
                $"Other users of this machine may use {entry.FullName}, and its mode cannot be changed: make it the server's own (chown), "
                + "or take it from others (chmod go-rwx).",
                problem);
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);
}
