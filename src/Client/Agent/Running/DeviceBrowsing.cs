using Halley.Protocol.Live;

namespace Halley.Client.Agent.Running;

/// <summary>Answers what is on this device, and whether it can use a place.</summary>
internal static class DeviceBrowsing
{
    /// <summary>A folder of the device; its roots for an empty path.</summary>
    /// <exception cref="RunnerException">It cannot be read, or is outside of what the account allows.</exception>
    public static List<StoredObject> List(string path, bool isLimitedToHomes)
    {
        var sandbox = new HomeSandbox(isLimitedToHomes);
        if (path.Length == 0)
        {
            return [.. RootsOf(sandbox).Select(root => new StoredObject { Name = root, Type = "dir", Subtree = root })];
        }

        if (!Path.IsPathRooted(path))
        {
            throw new RunnerException(RunnerException.InvalidArguments, $"'{path}' is not an absolute path of this device.");
        }

        if (!sandbox.Allows(path))
        {
            throw new RunnerException(RunnerException.NotAllowed, "The account limits this device to home directories.");
        }

        try
        {
            var entries = new DirectoryInfo(path).EnumerateFileSystemInfos();
            return [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(ToWire)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException(RunnerException.FolderUnreadable, error.Message);
        }
    }

    private static IEnumerable<string> RootsOf(HomeSandbox sandbox) =>
        sandbox.Allows("/") ? OperatingSystem.IsWindows() ? Environment.GetLogicalDrives() : ["/"] : HomeSandbox.Roots;

    private static StoredObject ToWire(FileSystemInfo entry)
    {
        var type = entry.LinkTarget is not null ? "symlink" : entry is DirectoryInfo ? "dir" : "file";
        return new()
        {
            Name = entry.Name,
            ModifyTime = new DateTimeOffset(entry.LastWriteTimeUtc).ToUnixTimeSeconds(),
            Type = type,
            Subtree = type == "dir" ? entry.FullName : "",
            Size = type == "file" && entry is FileInfo file ? (ulong)file.Length : 0,
        };
    }
}
