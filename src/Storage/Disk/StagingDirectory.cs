namespace Halley.Storage.Disk;

/// <summary>The directory of a volume in which files are filled before they are published.</summary>
internal static class StagingDirectory
{
    /// <summary>Its name on a volume.</summary>
    public const string Name = ".incoming";

    /// <summary>
    /// Deletes what crashed processes left, and returns how many files that were. A file that a living process is filling is locked by it
    /// (<see cref="DiskCalls.CreateNew"/>) and is left alone.
    /// </summary>
    public static int Sweep(string directory)
    {
        var swept = 0;
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            swept += TryDelete(path) ? 1 : 0;
        }

        return swept;
    }

    private static bool TryDelete(string path)
    {
        try
        {
            using (File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                File.Delete(path);
                return true;
            }
        }
        catch (IOException)
        {
            return false; // locked: in use; or gone: published a moment ago
        }
    }
}
