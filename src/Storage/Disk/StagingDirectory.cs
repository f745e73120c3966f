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

    /// <summary>The same with what was left longer ago than <paramref name="age"/>, while uploads are running; returns the names.</summary>
    public static IReadOnlyList<string> Sweep(DiskCalls disk, string directory, TimeSpan age) =>
    [
        .. disk.Names(directory).Where(name =>
            disk.State(Path.Combine(directory, name)) is { IsDirectory: false } file && disk.Now() - file.Modified > age
            && disk.DeleteUnused(Path.Combine(directory, name))),
    ];
}
