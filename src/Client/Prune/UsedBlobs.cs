using System.Collections;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Prune;

/// <summary>
/// Marks the blobs that snapshots need, in one bit for each entry of the index. When a blob has several entries, the mark is on the one
/// that the index finds first. Each directory is read once.
/// </summary>
internal sealed class UsedBlobs(Vault vault, VaultIndex index, Action<int>? onTree)
{
    private const int Batch = 256;
    private const int MostNamed = 5;

    private readonly Lock _gate = new();
    private readonly BitArray _used = new(index.BlobCount);
    private readonly Stack<(BlobId Tree, string Path, BlobId Snapshot)> _waiting = new();
    private readonly List<string> _missing = [];
    private int _missingCount;
    private int _trees;

    /// <summary>True when a snapshot needs this blob.</summary>
    public bool Contains(BlobKind kind, in BlobId id) => index.TryFind(kind, id, out var location) && _used[location.Number];

    /// <summary>Marks all that some snapshots need.</summary>
    /// <exception cref="VaultException">Something that they need does not exist or cannot be read.</exception>
    public async Task AddAsync(IEnumerable<SnapshotEntry> snapshots, CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots)
        {
            Push(snapshot.Snapshot.Tree, "/", snapshot.Id);
            await WalkAsync(cancellationToken);
        }

        if (_missingCount > 0)
        {
            throw new VaultException(
                VaultFault.Missing,
                $"Nothing was changed, because {_missingCount} blobs that snapshots need are in no index: {string.Join("; ", _missing)}. "
                + "Run `halley reindex`; if they are still missing, `halley repair`.");
        }
    }

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = vault.Options.Connections, CancellationToken = cancellationToken };
        var batch = new List<(BlobId Tree, string Path, BlobId Snapshot)>(Batch);
        while (_waiting.Count > 0)
        {
            batch.Clear();
            while (batch.Count < Batch && _waiting.TryPop(out var next))
            {
                batch.Add(next);
            }

            await Parallel.ForEachAsync(batch, options, async (next, token) => await ReadAsync(next.Tree, next.Path, next.Snapshot, token));
        }
    }

    private async ValueTask ReadAsync(BlobId id, string path, BlobId snapshot, CancellationToken cancellationToken)
    {
        try
        {
            var tree = await vault.ReadTreeAsync(index, id, cancellationToken);
            foreach (var node in tree.Nodes)
            {
                lock (_gate)
                {
                    Visit(node, path, snapshot);
                }
            }

            lock (_gate)
            {
                onTree?.Invoke(++_trees);
            }
        }
        catch (VaultException error)
        {
            throw new VaultException(
                error.Fault,
                $"Nothing was changed, because {path} in snapshot {snapshot.ShortText} cannot be read, so what it needs is unknown. "
                + error.Message,
                error)
            {
                Blob = id,
            };
        }
    }

    private void Visit(Node node, string directory, BlobId snapshot)
    {
        if (node.Subtree is { } subtree)
        {
            Push(subtree, directory.Length == 1 ? $"/{node.DisplayName}" : $"{directory}/{node.DisplayName}", snapshot);
        }

        foreach (var id in node.Content ?? [])
        {
            if (!index.TryFind(BlobKind.Data, id, out var location))
            {
                Miss(id, $"{directory}/{node.DisplayName}", snapshot);
                continue;
            }

            _used[location.Number] = true;
        }
    }

    private void Push(BlobId tree, string path, BlobId snapshot)
    {
        if (!index.TryFind(BlobKind.Tree, tree, out var location))
        {
            Miss(tree, path, snapshot);
        }
        else if (!_used[location.Number])
        {
            _used[location.Number] = true;
            _waiting.Push((tree, path, snapshot));
        }
    }

    private void Miss(BlobId id, string path, BlobId snapshot)
    {
        if (++_missingCount <= MostNamed)
        {
            _missing.Add($"{id.ShortText} for {path} in snapshot {snapshot.ShortText}");
        }
    }
}
