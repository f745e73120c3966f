using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Disk;

/// <summary>
/// A vault's folder on one disk, in the layout of a local restic repository: <c>config</c>, <c>data/ab/abcd…</c>, <c>index/…</c>,
/// <c>keys/…</c>, <c>locks/…</c>, <c>snapshots/…</c> and <c>packindex/…</c>. Files copied in by hand are visible at once.
/// </summary>
internal sealed class VaultDirectory(DiskCalls disk, FlushPolicy flush, VaultPaths paths)
{
    private static readonly string[] Everything = [""];
    private static readonly string[] Fans = [.. Enumerable.Range(0, 256).Select(i => i.ToString("x2", CultureInfo.InvariantCulture))];

    private readonly DurableFolders _folders = new(disk, flush, paths);
    private VaultTrash? _trash;

    /// <summary>The deleted files of the vault that are held.</summary>
    public VaultTrash Trash =>
        _trash ??= new VaultTrash(disk, flush, new VaultPaths(Path.GetDirectoryName(paths.Trash)!, paths.Trash, "", "", ""));

    /// <summary>
    /// The parts in which a collection is listed: <c>data</c> is spread over 256 folders by the first two digits of the id.
    /// </summary>
    public static IReadOnlyList<string> PartsOf(BlobType type) => type switch
    {
        BlobType.Config => throw new ArgumentException("config is one file, not a collection.", nameof(type)),
        BlobType.Data => Fans,
        _ => Everything,
    };

    /// <summary>The folder of a file below the vault's own; empty for that one.</summary>
    public static string FolderOf(BlobName name) => name.Type switch
    {
        BlobType.Config => "",
        BlobType.Data => $"data/{name.Id.AsSpan(0, 2)}",
        var type => BlobName.NameOf(type),
    };

    public long? Length(BlobName name) => disk.Length(PathOf(name));

    /// <summary>Opens a file; null when it does not exist (any more).</summary>
    public DiskBlobReader? Open(BlobName name) => DiskBlobReader.Open(disk, PathOf(name));

    public DurableFile Begin() => DurableFile.Begin(disk, flush, paths.Staging);

    /// <summary>Publishes a file in its folder, which is created when missing; false when its name is taken.</summary>
    public bool Publish(DurableFile file, BlobName name)
    {
        if (!TryName(file, name))
        {
            return false;
        }

        FlushFolder(name);
        return true;
    }

    /// <summary>As <see cref="Publish"/>, except that the name is not durable before <see cref="FlushFolder"/>.</summary>
    public bool TryName(DurableFile file, BlobName name)
    {
        var path = PathOf(name);
        try
        {
            return file.TryName(path);
        }
        catch (DirectoryNotFoundException)
        {
            _folders.Create(Path.GetDirectoryName(path)!);
            return file.TryName(path);
        }
    }

    /// <summary>Makes durable which files are in the folder of a file, and that folder.</summary>
    public void FlushFolder(BlobName name)
    {
        if (flush == FlushPolicy.Full)
        {
            var folder = Path.GetDirectoryName(PathOf(name))!;
            disk.FlushDirectory(folder);
            _folders.MakeDurable(folder);
        }
    }

    /// <summary>Makes a file durable that another process wrote and may not have flushed (yet).</summary>
    /// <exception cref="FileNotFoundException">It no longer exists.</exception>
    public void EnsureDurable(BlobName name)
    {
        if (flush == FlushPolicy.None)
        {
            return;
        }

        var path = PathOf(name);
        var folder = Path.GetDirectoryName(path)!;
        if (!disk.FlushFile(path))
        {
            throw new FileNotFoundException("The file vanished while it was being made durable.");
        }

        disk.FlushDirectory(folder);
        _folders.MakeDurable(folder);
    }

    /// <summary>
    /// Removes a file from the readers' view because its content cannot match its name, and keeps it for an administrator to examine.
    /// Returns null when the file no longer exists.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">The fault.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="actualHash">SHA-256 of its content; null when that is not known.</param>
    /// <param name="at">The time.</param>
    /// <param name="reason">The reason, in one sentence.</param>
    /// <returns>Its path below the quarantine of all buckets.</returns>
    public string? Quarantine(BlobName name, FindingKind kind, long length, string? actualHash, DateTime at, string reason) =>
        QuarantineFolder.Take(
            disk, flush, paths, PathOf(name), name,
            new(kind, paths.Bucket, name.ToString(), length, name.Id, actualHash, paths.Volume, at, reason));

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

    /// <summary>Deletes a file, not durably before <see cref="FlushFolder"/>; false when it is not here.</summary>
    public bool Unlink(BlobName name) => disk.Delete(PathOf(name));

    /// <summary>Takes a file durably to the trash and returns its length; null when it is not here.</summary>
    public long? Hold(BlobName name, DateTimeOffset now) => Trash.Take(PathOf(name), name, now);

    /// <summary>Restores a held file; false when a file of that name exists, null when the held one is gone.</summary>
    public bool? GiveBack(HeldName held)
    {
        var path = PathOf(held.Name);
        _folders.Ensure(Path.GetDirectoryName(path)!);
        try
        {
            return Trash.GiveBack(held, path);
        }
        catch (DirectoryNotFoundException)
        {
            _folders.Create(Path.GetDirectoryName(path)!); // the bucket was discarded or moved since the folder was known
            _folders.MakeDurable(Path.GetDirectoryName(path)!);
            return Trash.GiveBack(held, path);
        }
    }

    /// <summary>The files of one part of a collection; none when its folder does not exist.</summary>
    public IEnumerable<BlobEntry> Files(BlobType type, string part) =>
        disk.Files(FolderOf(type, part))?.Where(entry => entry.Id.StartsWith(part, StringComparison.Ordinal)) ?? [];

    /// <summary>The current state of a file; null when it does not exist.</summary>
    public DiskEntry? State(BlobName name) => disk.State(PathOf(name)) is { IsDirectory: false } state ? state : null;

    /// <summary>
    /// All entries of a folder of the vault, of any kind; none when the folder does not exist. An entry whose state cannot be read has the
    /// length -1.
    /// </summary>
    /// <param name="folder">Path below the vault's own folder; empty for that folder itself.</param>
    public IEnumerable<DiskEntry> Entries(string folder)
    {
        var path = folder.Length == 0 ? paths.Root : $"{paths.Root}/{folder}";
        foreach (var name in disk.Names(path))
        {
            if (TryState($"{path}/{name}", name) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The clock that stamps the folders.</summary>
    public DateTime Now() => disk.Now();

    /// <summary>When the entries of a part last changed; null when its folder does not exist.</summary>
    public DateTime? Changed(BlobType type, string part) => disk.DirectoryChanged(FolderOf(type, part));

    private DiskEntry? TryState(string path, string name)
    {
        try
        {
            return disk.State(path);
        }
        catch (IOException error) when (Errno.IsUnreadable(error))
        {
            return new DiskEntry(name, IsDirectory: false, Length: -1, 0, default, default);
        }
    }

    private string FolderOf(BlobType type, string part) =>
        part.Length == 0 ? $"{paths.Root}/{BlobName.NameOf(type)}" : $"{paths.Root}/{BlobName.NameOf(type)}/{part}";

    private string PathOf(BlobName name) =>
        name.Type == BlobType.Config ? $"{paths.Root}/config" : $"{paths.Root}/{FolderOf(name)}/{name.Id}";
}

/// <summary>The paths of a vault on its disk.</summary>
/// <param name="Top">The folder that holds vaults. It must exist; nothing is ever created in its place.</param>
/// <param name="Root">The vault's folder: the same one or one below it, created when needed.</param>
/// <param name="Staging">The folder in which uploads are filled.</param>
/// <param name="Quarantine">
/// The folder for files whose content cannot match their name; created when needed, below an existing folder.
/// </param>
/// <param name="Trash">The folder for deleted files that are held; its parent must exist.</param>
/// <param name="Volume">The volume it is on; null for a standalone vault.</param>
/// <param name="Bucket">The bucket it belongs to; empty for a standalone vault.</param>
internal sealed record VaultPaths(
    string Top, string Root, string Staging, string Quarantine, string Trash, Guid? Volume = null, string Bucket = "");

/// <summary>Reads a file of a disk.</summary>
internal sealed class DiskBlobReader(DiskCalls disk, SafeFileHandle file, long length) : BlobReader
{
    public override long Length => length;

    /// <summary>Opens a file; null when it does not exist.</summary>
    public static DiskBlobReader? Open(DiskCalls disk, string path)
    {
        if (disk.OpenRead(path) is not { } file)
        {
            return null;
        }

        try
        {
            return new DiskBlobReader(disk, file, disk.LengthOf(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // A blocking read is right here: the data is mostly in the page cache, where a hop to another thread costs more.
        return ValueTask.FromResult(Read(buffer.Span, offset));
    }

    /// <summary>Reads from a position, as <see cref="ReadAsync"/> does.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        var wanted = (int)Math.Clamp(length - offset, 0, buffer.Length); // a copy that somebody is making may have grown
        try
        {
            return disk.Read(file, buffer[..wanted], offset) is var read && read == wanted
                ? read
                : throw new EndOfStreamException("A file became shorter while it was read.");
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw new BlobStoreException(BlobStoreFault.DiskError, "The disk could not read a file.", error);
        }
    }

    /// <summary>Makes the next read go to the device instead of memory, where the platform allows it.</summary>
    public void ForgetCached() => disk.ForgetCached(file);

    /// <summary>A hint to the disk to read the file ahead of its use; only its beginning if it is large.</summary>
    public void Prefetch() => disk.Prefetch(file, length);

    protected override void Dispose(bool disposing) => file.Dispose();
}
