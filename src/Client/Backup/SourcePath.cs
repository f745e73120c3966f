namespace Halley.Client.Backup;

/// <summary>
/// A path of a backup. The snapshot has it under its own names: <c>../a/b</c> becomes <c>/a/b</c> there, as in restic's snapshots, and
/// <c>.</c> becomes the entries of the directory. An absolute path keeps all its names.
/// </summary>
/// <param name="Start">The absolute path of the directory in which its names begin.</param>
/// <param name="Names">Its names from there on; none when it is that directory itself.</param>
internal sealed record SourcePath(string Start, IReadOnlyList<string> Names)
{
    /// <summary>The absolute path.</summary>
    public string FullPath => Path.Combine([Start, .. Names]);

    /// <summary>Reads a path as a person gives it.</summary>
    /// <param name="path">Absolute, or from the directory on.</param>
    /// <param name="directory">An absolute path.</param>
    public static SourcePath Of(string path, string directory)
    {
        if (Path.IsPathRooted(path))
        {
            return new("/", Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries));
        }

        var start = directory;
        var names = new List<string>();
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "."))
        {
            if (name != "..")
            {
                names.Add(name);
            }
            else if (names.Count > 0)
            {
                names.RemoveAt(names.Count - 1);
            }
            else
            {
                start = Path.GetDirectoryName(start) ?? "/";
            }
        }

        return new(start, names);
    }
}
