namespace Halley.Storage.Disk;

/// <summary>Directories that survive a power loss together with the files in them.</summary>
internal static class DurableDirectory
{
    /// <summary>Creates a directory and its missing parents, and makes each durable in its own parent.</summary>
    public static void Create(DiskCalls disk, FlushPolicy flush, string path)
    {
        var missing = new Stack<string>();
        for (var current = path; !disk.DirectoryExists(current); current = Path.GetDirectoryName(current)!)
        {
            missing.Push(current);
        }

        while (missing.TryPop(out var directory))
        {
            disk.CreateDirectory(directory);
            if (flush == FlushPolicy.Full)
            {
                disk.FlushDirectory(Path.GetDirectoryName(directory)!);
            }
        }

        // Another upload may have created the directory a moment ago, and it may not be durable yet. Its entry is flushed here again.
        // That costs nothing if it is durable, because this code runs only when a folder was missing a moment ago.
        if (flush == FlushPolicy.Full)
        {
            disk.FlushDirectory(Path.GetDirectoryName(path)!);
        }
    }
}
