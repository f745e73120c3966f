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
    public static int Sweep(DiskCalls disk, string directory) =>
        disk.Names(directory).Count(name => disk.DeleteUnused(Path.Combine(directory, name)));
}
