using System.Text;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Restore.Archives;

/// <summary>Goes through the trees of a snapshot and writes an entry for each node that is selected.</summary>
internal sealed class ArchiveWalk(Vault vault, VaultIndex index, ArchiveOptions options, IArchive archive)
{
    private const int BlobsAhead = 4;

    private readonly HardLinks<byte[]> _links = new();
    private readonly Stack<Level> _levels = new();
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
        }

        await archive.FinishAsync(cancellationToken);
    }

    private Node? TryNext(Level level)
    {
        try
        {
            return level.Nodes.MoveNext() ? level.Nodes.Current : null;
        }
        catch (VaultException error)
        {
            Warn(level.Path, error.Message);
            return null;
        }
    }

    private async ValueTask VisitAsync(Level level, Node node, CancellationToken cancellationToken)
    {
        var path = (byte[])[.. level.Path, .. node.Name.Span];
        if (!node.HasSafeName || node.Name.IsEmpty)
        {
            Warn(path, "is no name that a file can have, so nothing is written for it");
            return;
        }

        var selector = (byte[])[(byte)'/', .. path];
        var isSelected = options.Selection.Selects(selector);
        if (node.Type == NodeType.Directory)
        {
            path = [.. path, (byte)'/'];
            if (isSelected)
            {
                await archive.TryAddAsync(path, node, cancellationToken);
            }

            if (isSelected || options.Selection.MaySelectBelow(selector))
            {
                await OpenAsync(path, node, cancellationToken);
            }
        }
        else if (isSelected)
        {
            await WriteAsync(path, node, cancellationToken);
        }
    }

    private async ValueTask OpenAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        if (node.Subtree is not { } subtree)
        {
            Warn(path, "has no content in the snapshot");
            return;
        }

        if (_levels.Count > options.DeepestDirectory
            || (index.TryFind(BlobKind.Tree, subtree, out var location)
                && _openText + location.Blob.PlainLength > RestoreWalk.MostOpenText))
        {
            Warn(path, "is too deep or too large, so its content is left out");
            return;
        }

        try
        {
            var tree = await vault.ReadTreeAsync(index, subtree, cancellationToken);
            _levels.Push(new(path, tree.Nodes.GetEnumerator(), tree.Text.Length));
            _openText += tree.Text.Length;
        }
        catch (VaultException error)
        {
            Warn(path, error.Message);
        }
    }

    private async ValueTask WriteAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        if (node.Type == NodeType.File && archive.HasHardLinks && _links.Find(node) is { } first)
        {
            await archive.AddHardLinkAsync(path, node, first, cancellationToken);
        }
        else if (node.Type == NodeType.File)
        {
            await WriteFileAsync(path, node, cancellationToken);
        }
        else if (!await archive.TryAddAsync(path, node, cancellationToken))
        {
            Warn(path, "is of a type that this kind of archive cannot hold, or a link to nothing");
        }
    }

    private async ValueTask WriteFileAsync(byte[] path, Node node, CancellationToken cancellationToken)
    {
        var lengths = new List<uint>(node.Content?.Count ?? 0);
        foreach (var id in node.Content ?? [])
        {
            if (!index.TryFind(BlobKind.Data, id, out var location))
            {
                Warn(path, $"is left out: blob {id} is in no index. Run `halley check`.", lacksContent: true);
                return;
            }

            lengths.Add(location.Blob.PlainLength);
        }

        var size = lengths.Aggregate(0UL, static (sum, length) => sum + length);
        if (size != node.Size)
        {
            Warn(path, $"has {size} bytes although the snapshot says {node.Size}");
        }

        _links.Add(node, path);
        await archive.AddFileAsync(
            path, node, size, output => WriteContentAsync(path, node.Content ?? [], lengths, output, cancellationToken), cancellationToken);
    }

    // Some blobs are read ahead. The length was written already, so a blob that cannot be read becomes zeros.
    private async ValueTask WriteContentAsync(
        byte[] path, IReadOnlyList<BlobId> ids, List<uint> lengths, Stream output, CancellationToken cancellationToken)
    {
        var ahead = new Queue<Task<byte[]>>(BlobsAhead);
        var offset = 0L;
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
                Warn(path, $"has zeros instead of {lengths[i]} bytes from byte {offset} on: {error.Message}", lacksContent: true);
                await output.WriteAsync(new byte[lengths[i]], cancellationToken);
            }

            offset += lengths[i];
        }
    }

    private void Warn(byte[] path, string message, bool lacksContent = false) =>
        options.OnWarning(new($"/{Encoding.UTF8.GetString(path).TrimEnd('/')}", message, lacksContent));

    /// <summary>A directory that the walk is in; its path ends with a slash.</summary>
    private sealed record Level(byte[] Path, IEnumerator<Node> Nodes, long TextLength);
}
