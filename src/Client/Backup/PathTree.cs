using System.Text;
using Halley.Client.Backup.FileSystem;

namespace Halley.Client.Backup;

/// <summary>
/// The paths of a backup by their names: the directories above them are in the snapshot with just what leads to the paths.
/// </summary>
internal sealed class PathTree
{
    private readonly Dictionary<string, PathTree> _children = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wholeStarts = new(StringComparer.Ordinal);
    private readonly string _start = "";

    private PathTree()
    {
    }

    private PathTree(string start, BytePath path) => (_start, Path) = (start, path);

    /// <summary>Where it is in the file system.</summary>
    public BytePath Path { get; }

    /// <summary>True when all below is backed up.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Directories whose entries are at the root of the snapshot.</summary>
    public IEnumerable<BytePath> WholeStarts => _wholeStarts.Select(start => BytePath.Of(Encoding.UTF8.GetBytes(start)));

    /// <summary>What is below, in the order of bytes.</summary>
    public IReadOnlyList<(byte[] Name, PathTree Child)> Children
    {
        get
        {
            var children = _children.Select(child => (Encoding.UTF8.GetBytes(child.Key), child.Value)).ToList();
            children.Sort(static (left, right) => left.Item1.AsSpan().SequenceCompareTo(right.Item1));
            return children;
        }
    }

    /// <summary>The root of a snapshot of these paths. A path within another one adds nothing.</summary>
    public static PathTree Of(IEnumerable<SourcePath> paths)
    {
        var root = new PathTree();
        foreach (var path in paths)
        {
            if (path.Names.Count == 0)
            {
                root._wholeStarts.Add(path.Start);
                continue;
            }

            var tree = root.Add(path.Names[0], path.Start);
            foreach (var name in path.Names.Skip(1))
            {
                tree = tree.Add(name);
            }

            tree.IsWhole = true;
        }

        return root;
    }

    // Two directories of one name that lie in different places: the second gets a number.
    private PathTree Add(string name, string start)
    {
        var unique = name;
        PathTree? child;
        for (var number = 1; _children.TryGetValue(unique, out child) && child._start != start; number++)
        {
            unique = $"{name}-{number}";
        }

        if (child is null)
        {
            var directory = BytePath.Of(Encoding.UTF8.GetBytes(start));
            _children.Add(unique, child = new PathTree(start, directory.Join(Encoding.UTF8.GetBytes(name))));
        }

        return child;
    }

    private PathTree Add(string name)
    {
        if (!_children.TryGetValue(name, out var child))
        {
            _children.Add(name, child = new PathTree(_start, Path.Join(Encoding.UTF8.GetBytes(name))));
        }

        return child;
    }
}
