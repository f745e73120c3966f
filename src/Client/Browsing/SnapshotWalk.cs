using System.Runtime.CompilerServices;
using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Browsing;

/// <summary>An entry of a snapshot.</summary>
/// <param name="Path">Its absolute path in bytes.</param>
/// <param name="Node">What the snapshot says.</param>
public readonly record struct SnapshotNode(ReadOnlyMemory<byte> Path, Node Node)
{
    /// <summary>The path for people; bytes that are not UTF-8 look like �.</summary>
    public string DisplayPath => Encoding.UTF8.GetString(Path.Span);
}

/// <summary>Goes through the entries of a snapshot, each directory before what is in it.</summary>
public sealed class SnapshotWalk
{
    private const int DeepestDirectory = 4096;

    private readonly Vault _vault;
    private readonly VaultIndex _index;
    private readonly Action<string, string> _onDamage;

    /// <summary>Makes it.</summary>
    /// <param name="vault">The vault; locked by the caller, who need not be alone.</param>
    /// <param name="index">Its index.</param>
    /// <param name="onDamage">Receives the path of each directory that cannot be read, and why; throws to stop.</param>
    public SnapshotWalk(Vault vault, VaultIndex index, Action<string, string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(onDamage);
        (_vault, _index, _onDamage) = (vault, index, onDamage);
    }

    /// <summary>All entries.</summary>
    /// <param name="tree">The root.</param>
    /// <param name="enters">Whether a directory is looked into; null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<SnapshotNode> RunAsync(
        BlobId tree, Func<SnapshotNode, bool>? enters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var levels = new Stack<(byte[] Path, IEnumerator<Node> Nodes)>();
        try
        {
            levels.Push(([], await OpenAsync("/", tree, cancellationToken)));
            while (levels.TryPeek(out var level))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryNext(level.Path, level.Nodes) is not { } node)
                {
                    levels.Pop().Nodes.Dispose();
                    continue;
                }

                var path = (byte[])[.. level.Path, (byte)'/', .. node.Name.Span];
                var entry = new SnapshotNode(path, node);
                yield return entry;
                if (node.Subtree is { } subtree && levels.Count < DeepestDirectory && enters?.Invoke(entry) != false)
                {
                    levels.Push((path, await OpenAsync(entry.DisplayPath, subtree, cancellationToken)));
                }
            }
        }
        finally
        {
            foreach (var (_, nodes) in levels)
            {
                nodes.Dispose();
            }
        }
    }

    private async ValueTask<IEnumerator<Node>> OpenAsync(string path, BlobId tree, CancellationToken cancellationToken)
    {
        try
        {
            return (await _vault.ReadTreeAsync(_index, tree, cancellationToken)).Nodes.GetEnumerator();
        }
        catch (VaultException error)
        {
            _onDamage(path, error.Message);
            return Enumerable.Empty<Node>().GetEnumerator();
        }
    }

    private Node? TryNext(byte[] path, IEnumerator<Node> nodes)
    {
        try
        {
            return nodes.MoveNext() ? nodes.Current : null;
        }
        catch (VaultException error)
        {
            _onDamage(Encoding.UTF8.GetString(path), error.Message);
            return null;
        }
    }
}
