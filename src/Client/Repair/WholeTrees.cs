using System.Collections;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// Says which directories have all they need, below them as well. Each is read once, however many snapshots have it.
/// </summary>
internal sealed class WholeTrees(Vault vault, VaultIndex index)
{
    private readonly BitArray _seen = new(index.BlobCount);
    private readonly Dictionary<BlobId, string> _unreadable = [];
    private readonly HashSet<BlobId> _hurt = [];

    /// <summary>Packs in which a directory could not be read, so that they should be read byte by byte.</summary>
    public HashSet<BlobId> Suspects { get; } = [];

    /// <summary>Why a directory cannot be read; null when it can. Asked after <see cref="IsWholeAsync"/>.</summary>
    public string? WhyUnreadable(BlobId tree) => index.Contains(BlobKind.Tree, tree)
        ? _unreadable.GetValueOrDefault(tree)
        : $"its directory {tree.ShortText} is in no good pack";

    /// <summary>True when nothing in a directory or below it is wrong.</summary>
    public async Task<bool> IsWholeAsync(BlobId root, CancellationToken cancellationToken)
    {
        var open = new Stack<Frame>();
        if (await TryOpenAsync(root, cancellationToken) is { } first)
        {
            open.Push(first);
        }

        while (open.TryPeek(out var frame))
        {
            if (frame.Subtrees.TryDequeue(out var subtree))
            {
                if (await TryOpenAsync(subtree, cancellationToken) is { } next)
                {
                    open.Push(next);
                    continue;
                }

                frame.IsHurt |= IsHurt(subtree);
                continue;
            }

            open.Pop();
            if (frame.IsHurt)
            {
                _hurt.Add(frame.Tree);
            }

            if (open.TryPeek(out var parent))
            {
                parent.IsHurt |= frame.IsHurt;
            }
        }

        return !IsHurt(root);
    }

    /// <summary>True when something in a directory or below it is wrong. Asked after <see cref="IsWholeAsync"/>.</summary>
    public bool IsHurt(BlobId tree) => _hurt.Contains(tree) || WhyUnreadable(tree) is not null;

    /// <summary>Why an entry cannot stay as it is; null when it can, apart from what is below it.</summary>
    public string? WhyLost(Node node)
    {
        if (!node.HasSafeName)
        {
            return "no file can have such a name";
        }

        if (node.Type == NodeType.Directory)
        {
            return node.Subtree is { } subtree ? WhyUnreadable(subtree) : "it is a directory without content";
        }

        if (node.Type == NodeType.File && node.Content is null && node.Size > 0)
        {
            return "it is a file without content";
        }

        foreach (var id in node.Content ?? [])
        {
            if (!index.Contains(BlobKind.Data, id))
            {
                return $"its data {id.ShortText} is in no good pack";
            }
        }

        return null;
    }

    /// <summary>The bytes of the chunks of a file that can stay.</summary>
    public ulong SizeOf(Node node)
    {
        var size = 0UL;
        foreach (var id in node.Content ?? [])
        {
            size += index.TryFind(BlobKind.Data, id, out var place) ? place.Blob.PlainLength : 0;
        }

        return size;
    }

    // Null for a directory that was read before or cannot be read.
    private async ValueTask<Frame?> TryOpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (!index.TryFind(BlobKind.Tree, id, out var location) || _seen[location.Number])
        {
            return null;
        }

        _seen[location.Number] = true;
        try
        {
            var frame = new Frame(id);
            foreach (var node in (await vault.ReadTreeAsync(index, id, cancellationToken)).Nodes)
            {
                frame.IsHurt |= (node.Type != NodeType.Directory && WhyLost(node) is not null)
                    || !node.HasSafeName || (node.Type == NodeType.Directory && node.Subtree is null)
                    || (node.Type == NodeType.File && SizeOf(node) != node.Size);
                if (node.Subtree is { } subtree)
                {
                    frame.Subtrees.Enqueue(subtree);
                }
            }

            return frame;
        }
        catch (VaultException error)
        {
            _unreadable[id] = $"its directory {id.ShortText} cannot be read";
            if (error.File is { Type: BlobType.Data })
            {
                Suspects.UnionWith(index.FindAll(BlobKind.Tree, id).Select(place => place.Pack));
            }

            return null;
        }
    }

    private sealed record Frame(BlobId Tree)
    {
        public Queue<BlobId> Subtrees { get; } = new();

        public bool IsHurt { get; set; }
    }
}
