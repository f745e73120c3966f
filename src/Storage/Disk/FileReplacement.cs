namespace Halley.Storage.Disk;

/// <summary>Replaces a file as a whole: a crash leaves the old one or the new one.</summary>
public static class FileReplacement
{
    /// <summary>Renames a file that is durable already over another one in the same directory tree; durable on return.</summary>
    /// <param name="from">The new file, on the same file system.</param>
    /// <param name="to">The file to replace; it need not exist.</param>
    /// <exception cref="IOException">It was not replaced, or that is not certain to survive a power loss.</exception>
    public static void Run(string from, string to)
    {
        DiskCalls.Real.MoveOver(from, to);
        DiskCalls.Real.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }
}
