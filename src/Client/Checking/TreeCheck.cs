using System.Collections;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Checking;

/// <summary>
/// Follows snapshots through their trees to the blobs of files. Each tree is read once, however many snapshots have it, so cycles end; one
/// bit for each entry of the index says what was seen.
/// </summary>
internal sealed class TreeCheck(Vault vault, VaultIndex index, CheckFindings findings)
{
    private readonly BitArray _used = new(index.BlobCount);
    private readonly HashSet<(BlobKind, BlobId)> _missing = [];

    /// <summary>Trees that were read.</summary>
    public int Trees { get; private set; }

    /// <summary>Entries of the index that no snapshot needs.</summary>
    public int UnusedBlobs => index.BlobCount - Enumerable.Range(0, _used.Count).Count(number => _used[number]);

    /// <summary>Checks all that a snapshot needs and no snapshot before it.</summary>
    public async ValueTask RunAsync(SnapshotEntry snapshot, CancellationToken cancellationToken)
    {
        var trees = new Stack<(BlobId Tree, string Path)>();
        Push(trees, snapshot.Snapshot.Tree, "/", snapshot.Id);
        while (trees.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var tree = await vault.ReadTreeAsync(index, next.Tree, cancellationToken);
                Trees++;
                Visit(tree, next.Path, snapshot.Id, trees);
            }
            catch (VaultException error)
            {
                findings.Add(
                    VaultFindingKind.DamagedTree, error.File, $"The directory {next.Path}: {error.Message}", next.Tree, snapshot.Id);
            }
        }
    }

    private void Visit(Tree tree, string directory, BlobId snapshot, Stack<(BlobId Tree, string Path)> trees)
    {
        foreach (var node in tree.Nodes)
        {
            var path = directory.Length == 1 ? $"/{node.DisplayName}" : $"{directory}/{node.DisplayName}";
            if (!node.HasSafeName)
            {
                Damaged(tree, snapshot, $"{path} has a name that no file can have");
            }

            switch (node.Type)
            {
                case NodeType.Directory when node.Subtree is { } subtree:
                    Push(trees, subtree, path, snapshot);
                    break;
                case NodeType.Directory:
                    Damaged(tree, snapshot, $"{path} is a directory without content");
                    break;
                case NodeType.File:
                    Visit(tree, node, path, snapshot);
                    break;
            }
        }
    }

    private void Visit(Tree tree, Node node, string path, BlobId snapshot)
    {
        if (node.Content is null && node.Size > 0)
        {
            Damaged(tree, snapshot, $"{path} is a file without content");
            return;
        }

        var size = 0UL;
        var isWhole = true;
        foreach (var id in node.Content ?? [])
        {
            var length = Mark(BlobKind.Data, id, path, snapshot, out _);
            isWhole &= length is not null;
            size += length ?? 0;
        }

        if (isWhole && size != node.Size)
        {
            Damaged(tree, snapshot, $"{path} has {size} bytes of content although its size is {node.Size}");
        }
    }

    private void Damaged(Tree tree, BlobId snapshot, string what) => findings.Add(
        VaultFindingKind.DamagedTree, file: null, $"{what}. The program that wrote it has a fault; run `halley repair`.",
        tree.Id, snapshot);

    private void Push(Stack<(BlobId Tree, string Path)> trees, BlobId tree, string path, BlobId snapshot)
    {
        if (Mark(BlobKind.Tree, tree, path, snapshot, out var isNew) is not null && isNew)
        {
            trees.Push((tree, path));
        }
    }

    // The length of a blob; null when no index names it.
    private uint? Mark(BlobKind kind, BlobId id, string path, BlobId snapshot, out bool isNew)
    {
        isNew = false;
        if (!index.TryFind(kind, id, out var location))
        {
            if (_missing.Add((kind, id)))
            {
                findings.Add(
                    VaultFindingKind.MissingBlob, file: null,
                    $"{path} needs the {(kind == BlobKind.Tree ? "tree" : "data")} blob {id}, which is in no index. "
                    + "Run `halley reindex`, then `halley repair`.",
                    id, snapshot);
            }

            return null;
        }

        isNew = !_used[location.Number];
        _used[location.Number] = true;
        return location.Blob.PlainLength;
    }
}
