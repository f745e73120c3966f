using System.Globalization;

using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// A vault's folder on one disk, in the layout of a local restic repository: <c>config</c>, <c>data/ab/abcd…</c>, <c>index/…</c>,
/// <c>keys/…</c>, <c>locks/…</c>, <c>snapshots/…</c> and <c>packindex/…</c>. Files that somebody copies in are there at once.
/// </summary>
internal sealed class VaultDirectory(DiskCalls disk, FlushPolicy flush, string root, string staging, string quarantine)
{
    private static readonly string[] Everything = [""];
    private static readonly string[] Fans = [.. Enumerable.Range(0, 256).Select(i => i.ToString("x2", CultureInfo.InvariantCulture))];

    /// <summary>The parts in which a collection is listed: <c>data</c> is spread over 256 folders by the first two digits of the id.</summary>
    public static IReadOnlyList<string> PartsOf(BlobType type) => type switch
    {
        BlobType.Config => throw new ArgumentException("config is one file, not a collection.", nameof(type)),
        BlobType.Data => Fans,
        _ => Everything,
    };

    public long? Length(BlobName name) => disk.Length(PathOf(name));

    /// <summary>Opens a file; null when it is not here (any more).</summary>
    public DiskBlobReader? Open(BlobName name) =>
        disk.OpenRead(PathOf(name)) is { } file ? new DiskBlobReader(disk, file, RandomAccess.GetLength(file)) : null;

    public DurableFile Begin() => DurableFile.Begin(disk, flush, staging);

    public bool Publish(DurableFile file, BlobName name) => file.Publish(PathOf(name));

    /// <summary>Makes a file durable that somebody else wrote, who may not have flushed it (yet).</summary>
    public void EnsureDurable(BlobName name)
    {
        if (flush == FlushPolicy.None)
        {
            return;
        }

        var path = PathOf(name);
        using (var file = disk.OpenRead(path) ?? throw new FileNotFoundException("The file vanished while it was being made durable."))
        {
            disk.Flush(file);
        }

        disk.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Takes a file that cannot be what its name says out of the readers' sight, and keeps it for people to look at.</summary>
    public void Quarantine(BlobName name) =>
        disk.MoveAway(PathOf(name), Path.Combine(quarantine, $"{name.Id}.{Guid.NewGuid():N}"));

    /// <summary>Deletes a file durably and returns its length; null when it is not here.</summary>
    public long? Delete(BlobName name)
    {
        var path = PathOf(name);
        var length = disk.Length(path);
        if (length is null || !disk.Delete(path))
        {
            return null;
        }

        if (flush == FlushPolicy.Full)
        {
            disk.FlushDirectory(Path.GetDirectoryName(path)!);
        }

        return length;
    }

    /// <summary>The files of one part of a collection; none when its folder does not exist.</summary>
    public IEnumerable<BlobEntry> Files(BlobType type, string part) =>
        disk.Files(FolderOf(type, part))?.Where(entry => BlobName.IsId(entry.Id) && entry.Id.StartsWith(part, StringComparison.Ordinal)) ?? [];

    /// <summary>The clock that stamps the folders.</summary>
    public DateTime Now() => disk.Now();

    /// <summary>When the entries of a part last changed; null when its folder does not exist.</summary>
    public DateTime? Changed(BlobType type, string part) => disk.DirectoryChanged(FolderOf(type, part));

    private string FolderOf(BlobType type, string part) =>
        part.Length == 0 ? $"{root}/{BlobName.NameOf(type)}" : $"{root}/{BlobName.NameOf(type)}/{part}";

    private string PathOf(BlobName name) => name.Type switch
    {
        BlobType.Config => $"{root}/config",
        BlobType.Data => $"{root}/data/{name.Id.AsSpan(0, 2)}/{name.Id}",
        _ => $"{root}/{BlobName.NameOf(name.Type)}/{name.Id}",
    };
}

/// <summary>Reads a file of a disk.</summary>
internal sealed class DiskBlobReader(DiskCalls disk, SafeFileHandle file, long length) : BlobReader
{
    public override long Length => length;

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();

        // Blocking is right here: data that was asked for is mostly in the page cache, where a hop to another thread costs more.
        return ValueTask.FromResult(Read(buffer.Span, offset));
    }

    /// <summary>Reads from a position, as <see cref="ReadAsync"/> does.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return disk.Read(file, buffer, offset);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "The disk could not read a file.", error);
        }
    }

    protected override void Dispose(bool disposing) => file.Dispose();
}
