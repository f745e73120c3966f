namespace Halley.Server.Hosting;

/// <summary>The server's own directory. Only its user can read it, and only one running server uses it at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
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
        catch (IOException problem)
        {
            throw new StartRefusedException(
                ExitCodes.DataDirectoryInUse,
                $"Another server is running on the data directory {Root}; stop it, or give this one its own Halley:DataDirectory.",
                problem);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new StartRefusedException(ExitCodes.WrongSettings, $"The data directory {Root} cannot be written to.", problem);
        }
    }

    public void Dispose() => _lock?.Dispose();
}
