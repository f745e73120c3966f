namespace Halley.Storage.Disk;

/// <summary>The directory of a volume in which files are filled before they are published.</summary>
internal static class StagingDirectory
{
    /// <summary>Its name on a volume.</summary>
    public const string Name = ".incoming";

    /// <summary>
    /// Deletes the leftovers of crashed processes, and returns the number of files. A running process locks the files that it is filling
    /// (<see cref="DiskCalls.CreateNew"/>), so they are left alone.
    /// </summary>
    public static int Sweep(DiskCalls disk, string directory) =>
        disk.Names(directory).Count(name => disk.DeleteUnused(Path.Combine(directory, name)));

    /// <summary>The same for files left longer ago than <paramref name="age"/>, while uploads are running; returns the names.</summary>
    public static IReadOnlyList<string> Sweep(DiskCalls disk, string directory, TimeSpan age) =>
    [
        .. disk.Names(directory).Where(name =>
            disk.State(Path.Combine(directory, name)) is { IsDirectory: false } file && disk.Now() - file.Modified > age
            && disk.DeleteUnused(Path.Combine(directory, name))),
    ];
}
