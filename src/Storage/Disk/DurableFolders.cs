using System.Collections.Concurrent;

namespace Halley.Storage.Disk;

/// <summary>
/// The folders below one that must exist already: an empty mount point has no such folder, so nothing is made there. A file in a folder
/// survives a power loss only when the folder does, so each is flushed into the one above it once per process. That holds for folders
/// that existed, too: another upload may have made one a moment ago, or a process that was killed before it could flush.
/// </summary>
internal sealed class DurableFolders(DiskCalls disk, FlushPolicy flush, string top)
{
    private volatile ConcurrentDictionary<string, bool> _durable = new();

    /// <summary>Creates a folder and those above it. It is durable after <see cref="MakeDurable"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">The top one does not exist.</exception>
    public void Create(string path)
    {
        _durable = new(); // what was known was said of folders that have gone
        CreateWithParents(path);
    }

    /// <summary>Makes sure that a folder survives a power loss.</summary>
    public void MakeDurable(string path)
    {
        if (flush == FlushPolicy.Full)
        {
            MakeDurable(path, _durable);
        }
    }

    private void MakeDurable(string path, ConcurrentDictionary<string, bool> known)
    {
        if (path.Length <= top.Length || known.ContainsKey(path))
        {
            return;
        }

        var above = Path.GetDirectoryName(path)!;
        MakeDurable(above, known);
        disk.FlushDirectory(above);
        known[path] = true; // not before everything above it is
    }

    private void CreateWithParents(string path)
    {
        if (path.Length <= top.Length)
        {
            throw new DirectoryNotFoundException("The folder that holds the vaults is missing.");
        }

        try
        {
            disk.CreateDirectory(path);
        }
        catch (DirectoryNotFoundException)
        {
            CreateWithParents(Path.GetDirectoryName(path)!);
            disk.CreateDirectory(path);
        }
    }
}
