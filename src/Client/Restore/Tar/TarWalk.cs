using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Tar;

/// <summary>Goes through the trees of a snapshot and writes an entry for each node that is selected.</summary>
internal sealed class TarWalk(Vault vault, VaultIndex index, TarOptions options, Stream output)
{
    private const int BlobsAhead = 4;

    private readonly HardLinks<byte[]> _links = new();
    private readonly Stack<Level> _levels = new();
    private readonly List<string> _path = [];
    private long _openText;

    public async Task RunAsync(IEnumerable<Node> nodes, CancellationToken cancellationToken)
    {
        _levels.Push(new([], nodes.GetEnumerator(), 0));
        while (_levels.TryPeek(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryNext(level) is { } node)
            {
                await VisitAsync(level, node, cancellationToken);
                continue;
            }

            level.Nodes.Dispose();
            _openText -= level.TextLength;
            _levels.Pop();
            if (_path.Count > 0)
            {
                _path.RemoveAt(_path.Count - 1);
            }
        }

        await output.WriteAsync(new byte[2 * TarFormat.BlockSize], cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private Node? TryNext(Level level)
    {
        try
        {
            return level.Nodes.MoveNext() ? level.Nodes.Current : null;
        }
        catch (VaultException error)
        {
            Warn(error.Message);
            return null;
        }
    }

    private async ValueTask VisitAsync(Level level, Node node, CancellationToken cancellationToken)
    {
        _path.Add(node.DisplayName);
        var isOpened = false;
        if (!node.HasSafeName || node.Name.IsEmpty)
        {
            Warn("is no name that a file can have, so nothing is written for it");
        }
        else
        {
            var path = (byte[])[.. level.Path, .. node.Name.Span];
            var isSelected = options.Selection.Selects(_path);
            if (node.Type != NodeType.Directory)
            {
                await (isSelected ? WriteAsync(path, node, cancellationToken) : ValueTask.CompletedTask);
            }
            else if (isSelected || options.Selection.MaySelectBelow(_path))
            {
                path = [.. path, (byte)'/'];
                await (isSelected ? WriteHeaderAsync(path, node, '5', 0, default, cancellationToken) : ValueTask.CompletedTask);
                isOpened = await TryOpenAsync(path, node, cancellationToken);
            }
        }

        if (!isOpened)
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    private async ValueTask<bool> TryOpenAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        if (node.Subtree is not { } subtree)
        {
            Warn("has no content in the snapshot");
            return false;
        }

        if (_levels.Count > options.DeepestDirectory
            || (index.TryFind(BlobKind.Tree, subtree, out var location)
                && _openText + location.Blob.PlainLength > RestoreWalk.MostOpenText))
        {
            Warn("is too deep or too large, so its content is left out");
            return false;
        }

        try
        {
            var tree = await vault.ReadTreeAsync(index, subtree, cancellationToken);
            _levels.Push(new(path, tree.Nodes.GetEnumerator(), tree.Text.Length));
            _openText += tree.Text.Length;
            return true;
        }
        catch (VaultException error)
        {
            Warn(error.Message);
            return false;
        }
    }

    private ValueTask WriteAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        switch (node.Type)
        {
            case NodeType.File when _links.Find(node) is { } first:
                return WriteHeaderAsync(path, node, '1', 0, first, cancellationToken);
            case NodeType.File:
                return WriteFileAsync(path, node, cancellationToken);
            case NodeType.Symlink when !node.LinkTarget.IsEmpty:
                return WriteHeaderAsync(path, node, '2', 0, node.LinkTarget, cancellationToken);
            case NodeType.CharacterDevice:
                return WriteHeaderAsync(path, node, '3', 0, default, cancellationToken);
            case NodeType.BlockDevice:
                return WriteHeaderAsync(path, node, '4', 0, default, cancellationToken);
            case NodeType.Fifo:
                return WriteHeaderAsync(path, node, '6', 0, default, cancellationToken);
            default:
                Warn("is a socket, a link to nothing or of an unknown type, which a tar cannot hold");
                return ValueTask.CompletedTask;
        }
    }

    private async ValueTask WriteFileAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        var lengths = new List<uint>(node.Content?.Count ?? 0);
        foreach (var id in node.Content ?? [])
        {
            if (!index.TryFind(BlobKind.Data, id, out var location))
            {
                Warn($"is left out: blob {id} is in no index. Run `halley check`.");
                return;
            }

            lengths.Add(location.Blob.PlainLength);
        }

        var size = lengths.Aggregate(0UL, static (sum, length) => sum + length);
        if (size != node.Size)
        {
            Warn($"has {size} bytes although the snapshot says {node.Size}");
        }

        _links.Add(node, path);
        await WriteHeaderAsync(path, node, '0', size, default, cancellationToken);
        await WriteContentAsync(node.Content ?? [], lengths, cancellationToken);
        await output.WriteAsync(new byte[TarFormat.PaddingOf(size)], cancellationToken);
    }

    // Some blobs are read ahead. The length was written already, so a blob that cannot be read becomes zeros.
    private async ValueTask WriteContentAsync(IReadOnlyList<BlobId> ids, List<uint> lengths, CancellationToken cancellationToken)
    {
        var ahead = new Queue<Task<byte[]>>(BlobsAhead);
        for (var i = 0; i < ids.Count; i++)
        {
            while (ahead.Count < BlobsAhead && i + ahead.Count < ids.Count)
            {
                ahead.Enqueue(vault.ReadBlobAsync(index, BlobKind.Data, ids[i + ahead.Count], cancellationToken).AsTask());
            }

            try
            {
                await output.WriteAsync(await ahead.Dequeue(), cancellationToken);
            }
            catch (VaultException error)
            {
                Warn($"has {lengths[i]} zeros instead of its content: {error.Message}");
                await output.WriteAsync(new byte[lengths[i]], cancellationToken);
            }
        }
    }

    private ValueTask WriteHeaderAsync(
        byte[] path, Node node, char type, ulong size, ReadOnlyMemory<byte> link, CancellationToken cancellationToken) =>
        output.WriteAsync(TarFormat.HeaderOf(path, node, type, size, link.Span), cancellationToken);

    private void Warn(string message) => options.OnWarning(new($"/{string.Join('/', _path)}", message));

    /// <summary>A directory that the walk is in; its path ends with a slash.</summary>
    private sealed record Level(byte[] Path, IEnumerator<Node> Nodes, long TextLength);
}
