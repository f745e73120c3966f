using System.Text;

namespace Halley.Client.Backup;

/// <summary>
/// The paths of a backup by their components: the directories above them are in the snapshot with just what leads to the paths.
/// </summary>
internal sealed class PathTree
{
    private readonly Dictionary<string, PathTree> _children = new(StringComparer.Ordinal);

    /// <summary>True when all below is backed up.</summary>
    public bool IsWhole { get; private set; }

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

    /// <summary>A path within another one adds nothing.</summary>
    public static PathTree Of(IEnumerable<string> absolutePaths)
    {
        var root = new PathTree();
        foreach (var path in absolutePaths)
        {
            var tree = root;
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!tree._children.TryGetValue(name, out var child))
                {
                    tree._children.Add(name, child = new PathTree());
                }

                tree = child;
            }

            tree.IsWhole = true;
        }

        return root;
    }
}
