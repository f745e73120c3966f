using System.Runtime.CompilerServices;
using Halley.Storage.Disk;
using Microsoft.Win32.SafeHandles;

namespace Halley.Storage.Tests.Faults;

/// <summary>
/// Remembers what has reached the device and what has not: the content of files since their last flush, the entries of directories since
/// theirs. A power loss puts back the former and draws lots for the rest, change by change, as the strictest file system may.
/// </summary>
internal sealed class PowerLossDisk(string root) : HookedDisk
{
    private readonly Node _root = new() { IsDirectory = true };
    private readonly ConditionalWeakTable<SafeFileHandle, Node> _nodes = [];
    private readonly Lock _lock = new();

    public override SafeFileHandle CreateNew(string path)
    {
        var file = base.CreateNew(path);
        lock (_lock)
        {
            var node = new Node();
            _nodes.Add(file, node);
            FolderOf(path).Now[Path.GetFileName(path)] = node;
        }

        return file;
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        base.Write(file, bytes, offset);
        if (_nodes.TryGetValue(file, out var node))
        {
            node.Content.Position = offset;
            node.Content.Write(bytes);
            node.IsFlushed = false;
        }
    }

    public override void Flush(SafeFileHandle file)
    {
        base.Flush(file);
        if (_nodes.TryGetValue(file, out var node))
        {
            node.IsFlushed = true;
        }
    }

    // Of what is named in a folder: the names stay as they are on the device, which is less than a real disk would do.
    public override bool FlushFileSystem(SafeFileHandle file)
    {
        lock (_lock)
        {
            MarkFlushed(_root);
        }

        return base.FlushFileSystem(file);
    }

    public override bool FlushFile(string path)
    {
        var exists = base.FlushFile(path);
        if (exists)
        {
            Find(path).IsFlushed = true;
        }

        return exists;
    }

    public override void FlushDirectory(string path)
    {
        base.FlushDirectory(path);
        lock (_lock)
        {
            var node = Find(path);
            node.OnDevice = new(node.Now);
        }
    }

    // A rename between folders is one change for every file system with a journal: it is kept in both folders or in none, until one is
    // flushed.
    public override bool MoveNew(string from, string to) => base.MoveNew(from, to) && Move(from, to);

    public override bool MoveAway(string from, string to) => base.MoveAway(from, to) && Move(from, to);

    public override bool Delete(string path) => base.Delete(path) && Forget(path);

    public override bool DeleteUnused(string path) => base.DeleteUnused(path) && Forget(path);

    public override void DeleteTree(string path)
    {
        base.DeleteTree(path);
        Forget(path);
    }

    public override bool CreateDirectory(string path)
    {
        var created = base.CreateDirectory(path);
        if (created)
        {
            lock (_lock)
            {
                FolderOf(path).Now[Path.GetFileName(path)] = new Node { IsDirectory = true };
            }
        }

        return created;
    }

    /// <summary>Somebody copies a file in by hand and flushes nothing.</summary>
    public void CopyIn(string path, byte[] content)
    {
        var folder = Path.GetDirectoryName(path)!;
        var missing = new Stack<string>();
        for (; !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)!)
        {
            missing.Push(folder);
        }

        while (missing.TryPop(out var next))
        {
            CreateDirectory(next);
        }

        using var file = CreateNew(path);
        Write(file, content, 0);
    }

    /// <summary>Puts the real directory into a state that it may have when the power comes back.</summary>
    /// <param name="lots">Decides over each change that was not flushed; null: none of them was made.</param>
    public void LosePower(Random? lots)
    {
        foreach (var directory in Directory.EnumerateDirectories(root))
        {
            Directory.Delete(directory, recursive: true);
        }

        Restore(_root, root, lots);
    }

    private static void Restore(Node directory, string path, Random? lots)
    {
        Directory.CreateDirectory(path);
        foreach (var name in directory.Now.Keys.Union(directory.OnDevice.Keys).Order(StringComparer.Ordinal))
        {
            var flushed = directory.OnDevice.GetValueOrDefault(name);
            var now = directory.Now.GetValueOrDefault(name);
            var survivor = flushed == now || !IsKept(flushed ?? now!, lots) ? flushed : now;
            if (survivor is { IsDirectory: true })
            {
                Restore(survivor, Path.Combine(path, name), lots);
            }
            else if (survivor is not null)
            {
                File.WriteAllBytes(Path.Combine(path, name), ContentAfterLoss(survivor, lots));
            }
        }
    }

    private static bool IsKept(Node moved, Random? lots) =>
        lots is not null && (moved.IsMoved ? moved.Lot ??= lots.Next(2) == 1 : lots.Next(2) == 1);

    private static byte[] ContentAfterLoss(Node file, Random? lots)
    {
        var content = file.Content.ToArray();
        return (file.IsFlushed ? -1 : lots?.Next(4) ?? 0) switch
        {
            0 => [],
            1 => new byte[content.Length], // the length was written, the blocks were not
            2 => content[..lots!.Next(content.Length + 1)],
            _ => content,
        };
    }

    private bool Move(string from, string to)
    {
        lock (_lock)
        {
            FolderOf(from).Now.Remove(Path.GetFileName(from), out var node);
            node!.IsMoved = true;
            FolderOf(to).Now[Path.GetFileName(to)] = node!;
            return true;
        }
    }

    private bool Forget(string path)
    {
        lock (_lock)
        {
            return FolderOf(path).Now.Remove(Path.GetFileName(path));
        }
    }

    private static void MarkFlushed(Node node)
    {
        node.IsFlushed = true;
        foreach (var inside in node.Now.Values)
        {
            MarkFlushed(inside);
        }
    }

    private Node FolderOf(string path) => Find(Path.GetDirectoryName(path)!);

    private Node Find(string path)
    {
        var node = _root;
        foreach (var name in Path.GetRelativePath(root, path).Split('/').Where(name => name != "."))
        {
            node = node.Now[name];
        }

        return node;
    }

    private sealed class Node
    {
        public bool IsDirectory { get; init; }

        public MemoryStream Content { get; } = new();

        public bool IsFlushed { get; set; }

        public bool IsMoved { get; set; }

        public bool? Lot { get; set; }

        public Dictionary<string, Node> Now { get; } = [];

        public Dictionary<string, Node> OnDevice { get; set; } = [];
    }
}
