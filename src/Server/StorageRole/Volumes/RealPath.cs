namespace Halley.Server.StorageRole.Volumes;

/// <summary>Where a path really leads: two paths may be the same directory through a symbolic link.</summary>
internal static class RealPath
{
    /// <summary>As many as Linux follows.</summary>
    private const int MostLinks = 40;

    /// <summary>The path with all links followed. What does not exist yet stays as it is written.</summary>
    public static string Of(string path) => Follow(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), MostLinks);

    /// <summary>True when a path is a folder or lies below it; both are results of <see cref="Of"/>.</summary>
    public static bool IsInside(string path, string folder) =>
        path.Equals(folder, StringComparison.Ordinal)
        || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || folder == Path.GetPathRoot(path);

    private static string Follow(string path, int links)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var here = Path.Combine(Follow(parent, links), Path.GetFileName(path));
        return links > 0 && new DirectoryInfo(here).LinkTarget is { } target
            ? Follow(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, Path.GetDirectoryName(here)!)), links - 1)
            : here;
    }
}
