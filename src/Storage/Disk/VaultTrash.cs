namespace Halley.Storage.Disk;

/// <summary>
/// The deleted files of one bucket on one volume: <c>.trash/files/{bucket}/{type}/{id}.{Unix milliseconds}</c>. A rename moves a file in
/// and out, so it is never copied and is always in one of the two places.
/// </summary>
/// <remarks>
/// The target folder is made durable before the rename, and flushed before the source folder. After a power loss, at least one of the two
/// therefore has the file. <c>TrashCrashTests</c> make each call fail in turn.
/// </remarks>
internal sealed class VaultTrash(DiskCalls disk, FlushPolicy flush, VaultPaths paths)
{
    private readonly DurableFolders _folders = new(disk, flush, paths);

    /// <summary>
    /// Moves a file of the vault here durably and returns its length; null when it does not exist. Only under the file's gate.
    /// </summary>
    public long? Take(string path, BlobName name, DateTimeOffset now)
    {
        if (disk.Length(path) is not { } length || (flush == FlushPolicy.Full && !disk.FlushFile(path)))
        {
            return null;
        }

        var folder = FolderOf(name.Type);
        _folders.Ensure(folder);
        var held = HeldName.Of(name, now);
        while (disk.Length(PathOf(held)) is not null)
        {
            // deleted, uploaded and deleted again within a millisecond
            held = held with { DeletedAtMilliseconds = held.DeletedAtMilliseconds + 1 };
        }

        if (!MoveIn(path, PathOf(held), folder))
        {
            return null;
        }

        if (flush == FlushPolicy.Full)
        {
            disk.FlushDirectory(folder);
            disk.FlushDirectory(Path.GetDirectoryName(path)!);
        }

        return length;
    }

    /// <summary>
    /// Restores a file to the vault, under a name that must be free. Returns false when the name is taken, null when the file is gone.
    /// </summary>
    /// <param name="held">The file.</param>
    /// <param name="path">Its path in the vault, whose folder exists and is durable.</param>
    public bool? GiveBack(HeldName held, string path)
    {
        var from = PathOf(held);
        if (disk.Length(from) is null)
        {
            return null;
        }

        if (!disk.MoveNew(from, path))
        {
            return false;
        }

        if (flush == FlushPolicy.Full)
        {
            disk.FlushDirectory(Path.GetDirectoryName(path)!);
            disk.FlushDirectory(FolderOf(held.Name.Type));
        }

        return true;
    }

    /// <summary>Everything that is held of a type, in no order.</summary>
    public IEnumerable<HeldName> Names(BlobType type) =>
        disk.Names(FolderOf(type)).Select(name => HeldName.Parse(type, name)).OfType<HeldName>();

    public long? Length(HeldName held) => disk.Length(PathOf(held));

    /// <summary>Removes a file permanently; false when it was already gone.</summary>
    public bool Remove(HeldName held) => disk.Delete(PathOf(held));

    public DiskBlobReader? Open(HeldName held) => DiskBlobReader.Open(disk, PathOf(held));

    private bool MoveIn(string from, string to, string folder)
    {
        try
        {
            return disk.MoveAway(from, to);
        }
        catch (DirectoryNotFoundException)
        {
            _folders.Create(folder); // somebody has cleared the trash by hand
            _folders.MakeDurable(folder);
            return disk.MoveAway(from, to);
        }
    }

    private string FolderOf(BlobType type) => $"{paths.Root}/{BlobName.NameOf(type)}";

    private string PathOf(HeldName held) => $"{paths.Root}/{held}";
}
