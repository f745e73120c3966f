using Halley.Server.Hosting;
using Halley.Storage;

namespace Halley.Server.StorageRole.Transfers;

/// <summary>
/// The files that a transfer has copied to the target, and those verified there. It is a file beside the database, because there may be
/// millions of entries. Each entry is appended at once. Only files listed here may ever be deleted on the target. A power loss may cost
/// the last lines; then an unneeded file stays on the target.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    private const int LineSize = FileId.Size + 1;
    private const int BitsOfMark = 2;
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly Dictionary<FileId, Mark>[] _marks = [.. Enum.GetValues<BlobType>().Select(_ => new Dictionary<FileId, Mark>())];

    private TransferJournal(FileStream file) => _file = file;

    [Flags]
    private enum Mark : byte
    {
        None = 0,
        Copied = 1,
        Verified = 2,
    }

    public static TransferJournal Open(DataDirectory directory, Guid task)
    {
        DataDirectory.Make(FolderIn(directory));
        var journal = new TransferJournal(
            new FileStream(PathOf(directory, task), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        journal.Read();
        return journal;
    }

    public static void Delete(DataDirectory directory, Guid task)
    {
        if (Directory.Exists(FolderIn(directory)))
        {
            File.Delete(PathOf(directory, task));
        }
    }

    public bool IsVerified(BlobType type, FileId id)
    {
        lock (_lock)
        {
            return _marks[(int)type].GetValueOrDefault(id).HasFlag(Mark.Verified);
        }
    }

    /// <summary>Files that this transfer has copied.</summary>
    public IReadOnlyList<FileId> Copied(BlobType type)
    {
        lock (_lock)
        {
            return [.. _marks[(int)type].Where(mark => mark.Value.HasFlag(Mark.Copied)).Select(mark => mark.Key)];
        }
    }

    /// <summary>A file is about to be copied. Written first, so that no copy is ever there that is not in the journal.</summary>
    public void AddCopied(BlobType type, FileId id) => Change(type, id, mark => (mark | Mark.Copied) & ~Mark.Verified);

    public void AddVerified(BlobType type, FileId id) => Change(type, id, mark => mark | Mark.Verified);

    /// <summary>The file no longer exists on the target, or is not intact.</summary>
    public void Remove(BlobType type, FileId id) => Change(type, id, _ => Mark.None);

    public void Dispose() => _file.Dispose();

    private static string FolderIn(DataDirectory directory) => directory.Transfers;

    private static string PathOf(DataDirectory directory, Guid task) => Path.Combine(FolderIn(directory), $"{task:N}.journal");

    private void Read()
    {
        var buffered = new BufferedStream(_file, 1024 * 1024);
        Span<byte> line = stackalloc byte[LineSize];
        long length = 0;
        while (buffered.ReadAtLeast(line, LineSize, throwOnEndOfStream: false) == LineSize && line[0] >> BitsOfMark < _marks.Length)
        {
            Set((BlobType)(line[0] >> BitsOfMark), FileId.Read(line[1..]), (Mark)(line[0] & 3));
            length += LineSize;
        }

        _file.SetLength(length); // a line that a crash has cut
        _file.Position = length;
    }

    private void Change(BlobType type, FileId id, Func<Mark, Mark> change)
    {
        Span<byte> line = stackalloc byte[LineSize];
        lock (_lock)
        {
            var mark = change(_marks[(int)type].GetValueOrDefault(id));
            Set(type, id, mark);
            line[0] = (byte)(((int)type << BitsOfMark) | (int)mark);
            id.Write(line[1..]);
            _file.Write(line);
            _file.Flush();
        }
    }

    private void Set(BlobType type, FileId id, Mark mark)
    {
        if (mark == Mark.None)
        {
            _marks[(int)type].Remove(id);
        }
        else
        {
            _marks[(int)type][id] = mark;
        }
    }
}
