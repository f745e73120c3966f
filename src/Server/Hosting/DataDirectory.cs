namespace Halley.Server.Hosting;

/// <summary>The server's own directory. Only its user can read it, and only one running server uses it at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int LockedOnLinux = 11; // EWOULDBLOCK
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);
    private const int Block = 4096;
    private FileStream? _lock;

    public DataDirectory(HalleyOptions options)
    {
        Root = options.AbsoluteDataDirectory;
        Keys = options.KeysDirectory is { } keys ? Path.GetFullPath(keys) : Path.Combine(Root, "keys");
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string Keys { get; }

    public string Backups => Path.Combine(Root, "backups");

    /// <summary>Notes of transfers under way.</summary>
    public string Transfers => Path.Combine(Root, "transfers");

    /// <summary>What only the server itself may write to.</summary>
    public IReadOnlyList<string> OwnDirectories => [Logs, Keys, Backups, Transfers];

    public string SetupToken => Path.Combine(Root, "setup-token");

    public string Database => Path.Combine(Root, "halley.db");

    /// <summary>Creates the directory, or one below it, if it does not exist.</summary>
    public static void Make(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(ExitCodes.WrongSettings, $"The directory {path} cannot be made: {problem.Message}", problem);
        }
    }

    /// <summary>Locks the directory until the process ends. The operating system releases the lock even if the process is killed.</summary>
    public void Lock()
    {
        Make(Root);
        var path = Path.Combine(Root, "server.lock");
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem) when (problem.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
        {
            throw new StartRefusedException(
                ExitCodes.DataDirectoryInUse,
                $"Another server is running on the data directory {Root}; stop it, or give this one its own Halley:DataDirectory.",
                problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, "Halley:DataDirectory", problem);
        }

        foreach (var directory in new[] { Root, Keys, Logs, Backups }.Distinct())
        {
            PrivateModes.Repair(directory);
        }
    }

    /// <summary>
    /// Makes the directories for logs and keys, and tries whether files can be made there. Otherwise the log would be lost silently, and
    /// sign-ins would fail later for want of a key.
    /// </summary>
    public void EnsureWritable()
    {
        foreach (var (path, setting) in new[] { (Logs, "Halley:DataDirectory"), (Keys, "Halley:KeysDirectory") })
        {
            Make(path);
            if (WriteProblem(path) is { } problem)
            {
                throw Unusable(path, setting, problem);
            }
        }
    }

    /// <summary>Why no file can be written in a directory; null if one can.</summary>
    public static Exception? WriteProblem(string path)
    {
        var probe = Path.Combine(path, $".probe-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.Write(new byte[Block]);
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem;
        }
    }

    private static StartRefusedException Unusable(string path, string setting, Exception problem) => new(
        ExitCodes.WrongSettings,
        $"The server cannot write to {path} ({problem.Message.TrimEnd('.')}); give its user ({Environment.UserName}) the right "
        + $"and the disk room, or name another directory with {setting}.",
        problem);

    public void Dispose() => _lock?.Dispose();
}
