using System.Runtime.CompilerServices;
using Halley.Storage.Disk;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Tests.Faults;

/// <summary>One call to the file system, before it happens.</summary>
internal readonly record struct DiskCall(string Operation, string Path)
{
    /// <summary>True for the calls that need room on the disk.</summary>
    public bool Writes => Operation is nameof(DiskCalls.CreateNew) or nameof(DiskCalls.Write) or nameof(DiskCalls.StartWriting)
        or nameof(DiskCalls.Flush) or nameof(DiskCalls.MoveNew) or nameof(DiskCalls.CreateDirectory) or nameof(DiskCalls.MoveAway);
}

/// <summary>
/// The real file system, with something that happens before each call: an error, or what somebody else does at that moment. Flushes are
/// only noted: what they are worth is for <see cref="PowerLossDisk"/> to say.
/// </summary>
internal class HookedDisk : DiskCalls
{
    private readonly ConditionalWeakTable<SafeFileHandle, string> _paths = [];

    /// <summary>Runs before each call; an exception from it is the call's error.</summary>
    public Action<DiskCall>? Before { get; set; }

    /// <summary>The free bytes and the size that a volume pretends to have; null for what it has.</summary>
    public Func<string, (long Free, long Total)>? PretendedSpace { get; set; }

    public override SafeFileHandle CreateNew(string path)
    {
        Happen(path);
        var file = base.CreateNew(path);
        _paths.Add(file, path);
        return file;
    }

    public override SafeFileHandle? OpenRead(string path)
    {
        Happen(path);
        var file = base.OpenRead(path);
        if (file is not null)
        {
            _paths.Add(file, path);
        }

        return file;
    }

    public override long LengthOf(SafeFileHandle file)
    {
        Happen(PathOf(file));
        return base.LengthOf(file);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            Happen(PathOf(file));
        }
        catch
        {
            base.Write(file, bytes[..(bytes.Length / 2)], offset); // a write that fails may have written a part
            throw;
        }

        base.Write(file, bytes, offset);
    }

    public override int Read(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        Happen(PathOf(file));
        return base.Read(file, bytes, offset);
    }

    public override void Flush(SafeFileHandle file) => Happen(PathOf(file));

    public override void StartWriting(SafeFileHandle file, long offset, long length, bool wait) => Happen(PathOf(file));

    public override bool FlushFileSystem(SafeFileHandle file)
    {
        Happen(PathOf(file));
        return true;
    }

    public override bool FlushFile(string path)
    {
        Happen(path);
        return File.Exists(path);
    }

    public override void FlushDirectory(string path)
    {
        Happen(path);
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException(path);
        }
    }

    public override bool MoveNew(string from, string to)
    {
        Happen(to);
        return base.MoveNew(from, to);
    }

    public override bool MoveAway(string from, string to)
    {
        Happen(from);
        return base.MoveAway(from, to);
    }

    public override bool Delete(string path)
    {
        Happen(path);
        return base.Delete(path);
    }

    public override bool DeleteUnused(string path)
    {
        Happen(path);
        return base.DeleteUnused(path);
    }

    public override long? Length(string path)
    {
        Happen(path);
        return base.Length(path);
    }

    public override DiskEntry? State(string path)
    {
        Happen(path);
        return base.State(path);
    }

    public override bool DirectoryExists(string path)
    {
        Happen(path);
        return base.DirectoryExists(path);
    }

    public override bool CreateDirectory(string path)
    {
        Happen(path);
        return base.CreateDirectory(path);
    }

    public override void DeleteTree(string path)
    {
        Happen(path);
        base.DeleteTree(path);
    }

    public override IEnumerable<BlobEntry>? Files(string path)
    {
        Happen(path);
        return base.Files(path) is { } files ? WithCallBeforeEach(files, path) : null;
    }

    public override IReadOnlyList<string> Names(string path)
    {
        Happen(path);
        return base.Names(path);
    }

    public override IReadOnlyList<string> Directories(string path)
    {
        Happen(path);
        return base.Directories(path);
    }

    public override DateTime? DirectoryChanged(string path)
    {
        Happen(path);
        return base.DirectoryChanged(path);
    }

    public override (long Free, long Total) Space(string path)
    {
        Happen(path);
        return PretendedSpace?.Invoke(path) ?? base.Space(path);
    }

    protected string PathOf(SafeFileHandle file) => _paths.TryGetValue(file, out var path) ? path : "";

    private IEnumerable<BlobEntry> WithCallBeforeEach(IEnumerable<BlobEntry> files, string path)
    {
        using var each = files.GetEnumerator();
        while (true)
        {
            Happen(path, "Files, next");
            if (!each.MoveNext())
            {
                yield break;
            }

            yield return each.Current;
        }
    }

    private void Happen(string path, [CallerMemberName] string operation = "") => Before?.Invoke(new DiskCall(operation, path));
}
