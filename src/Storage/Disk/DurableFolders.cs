using System.Globalization;

namespace Halley.Storage.Disk;

/// <summary>
/// The folders below one that must already exist. An empty mount point has no such folder, so nothing is created there. A file survives a
/// power loss only if its folder does, so each folder is flushed into its parent once per process. That includes folders that already
/// existed: another upload, or a process killed before its flush, may have created them a moment ago.
/// </summary>
internal sealed class DurableFolders(DiskCalls disk, FlushPolicy flush, VaultPaths paths)
{
    private const int FanOut = 256;
    private const string DataFolder = "data/";
    private const string ConfigFolder = "config"; // only in the trash

    // One bit per folder of the vault. A server has thousands of vaults, so nothing larger may be kept for each.
    private volatile ulong[] _durable = NewBits();

    /// <summary>Creates a folder and those above it. It is durable after <see cref="MakeDurable"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">The top one does not exist.</exception>
    public void Create(string path)
    {
        _durable = NewBits(); // what was known was said of folders that have gone
        CreateWithParents(path);
    }

    /// <summary>Makes sure that a folder exists and survives a power loss, before a file is moved to it.</summary>
    /// <exception cref="DirectoryNotFoundException">The top one does not exist.</exception>
    public void Ensure(string path)
    {
        var (word, bit) = Math.DivRem(IndexOf(path), 64);
        if (flush == FlushPolicy.Full && (Volatile.Read(ref _durable[word]) & (1UL << bit)) != 0)
        {
            return;
        }

        CreateWithParents(path);
        MakeDurable(path);
    }

    /// <summary>Makes sure that a folder survives a power loss.</summary>
    public void MakeDurable(string path)
    {
        if (flush == FlushPolicy.Full)
        {
            MakeDurable(path, _durable);
        }
    }

    private void MakeDurable(string path, ulong[] known)
    {
        if (path.Length <= paths.Top.Length)
        {
            return;
        }

        var (word, bit) = Math.DivRem(IndexOf(path), 64);
        if ((Volatile.Read(ref known[word]) & (1UL << bit)) != 0)
        {
            return;
        }

        var above = Path.GetDirectoryName(path)!;
        MakeDurable(above, known);
        disk.FlushDirectory(above);
        Interlocked.Or(ref known[word], 1UL << bit); // not before everything above it is
    }

    private static ulong[] NewBits() => new ulong[(FanOut + 64) / 64];

    // The vault's own folder, its collections, and the fan-out of data.
    private int IndexOf(string path)
    {
        var below = path.AsSpan(Math.Min(path.Length, paths.Root.Length + 1));
        if (below.StartsWith(DataFolder, StringComparison.Ordinal))
        {
            return int.Parse(below[DataFolder.Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        return BlobName.TryParseCollection(below, out var type) ? FanOut + (int)type.Value : below is ConfigFolder ? FanOut + 32 : FanOut;
    }

    private void CreateWithParents(string path)
    {
        if (path.Length <= paths.Top.Length)
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
