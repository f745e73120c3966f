using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;

namespace Halley.Client.Prune;

/// <summary>
/// Finds the packs that a tree needs. Snapshots share most of their directories, so the packs of each directory are remembered, up to a
/// limit of memory; beyond it directories are read again.
/// </summary>
internal sealed class PackWalk(Vault vault, VaultIndex index)
{
    private const int MostRemembered = 4_000_000;

    private readonly Dictionary<BlobId, int[]> _known = [];
    private int _remembered;

    /// <summary>The packs with a blob of a tree or of anything below it, each once.</summary>
    public async Task<IReadOnlyList<BlobId>> FindAsync(BlobId tree, CancellationToken cancellationToken)
    {
        var packs = index.Packs.Select(pack => pack.Id).ToList();
        return [.. (await WalkAsync(tree, cancellationToken)).Select(number => packs[number]).Order()];
    }

    private async Task<int[]> WalkAsync(BlobId root, CancellationToken cancellationToken)
    {
        var open = new Stack<Frame>();
        var result = _known.GetValueOrDefault(root);
        if (result is null)
        {
            open.Push(await OpenAsync(root, cancellationToken));
        }

        while (open.TryPeek(out var frame))
        {
            if (frame.Subtrees.TryDequeue(out var subtree))
            {
                if (_known.TryGetValue(subtree, out var known))
                {
                    frame.Packs.UnionWith(known);
                }
                else
                {
                    open.Push(await OpenAsync(subtree, cancellationToken));
                }

                continue;
            }

            open.Pop();
            result = [.. frame.Packs];
            if (_remembered + result.Length < MostRemembered)
            {
                _known[frame.Tree] = result;
                _remembered += result.Length + 16;
            }

            if (open.TryPeek(out var parent))
            {
                parent.Packs.UnionWith(result);
            }
        }

        return result!;
    }

    private async ValueTask<Frame> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        var frame = new Frame(id);
        Add(frame, BlobKind.Tree, id);
        foreach (var node in (await vault.ReadTreeAsync(index, id, cancellationToken)).Nodes)
        {
            foreach (var chunk in node.Content ?? [])
            {
                Add(frame, BlobKind.Data, chunk);
            }

            if (node.Subtree is { } subtree)
            {
                frame.Subtrees.Enqueue(subtree);
            }
        }

        return frame;
    }

    private void Add(Frame frame, BlobKind kind, BlobId id)
    {
        if (index.TryFind(kind, id, out var location))
        {
            frame.Packs.Add(index.PackNumberOf(location.Number));
        }
    }

    private sealed record Frame(BlobId Tree)
    {
        public HashSet<int> Packs { get; } = [];

        public Queue<BlobId> Subtrees { get; } = new();
    }
}
