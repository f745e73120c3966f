using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Repair;

/// <summary>Names what directories have lost, and writes them anew without it. Entries that stay are copied as they are.</summary>
internal sealed class TreeRepair(Vault vault, VaultIndex index, WholeTrees trees)
{
    private readonly Dictionary<BlobId, BlobId?> _written = [];

    /// <summary>What is lost in a directory and below it.</summary>
    public async Task<IReadOnlyList<LostEntry>> ListLostAsync(BlobId root, CancellationToken cancellationToken)
    {
        var lost = new List<LostEntry>();
        if (trees.WhyUnreadable(root) is { } reason)
        {
            return [new LostEntry("/", reason)];
        }

        var waiting = new Stack<(BlobId Tree, string Path)>([(root, "")]);
        while (waiting.TryPop(out var next))
        {
            foreach (var node in (await vault.ReadTreeAsync(index, next.Tree, cancellationToken)).Nodes)
            {
                var path = $"{next.Path}/{node.DisplayName}";
                if (trees.WhyLost(node) is { } why)
                {
                    lost.Add(new LostEntry(path, why));
                }
                else if (node.Subtree is { } subtree && trees.IsHurt(subtree))
                {
                    waiting.Push((subtree, path));
                }
            }
        }

        return lost;
    }

    /// <summary>Writes a directory anew, with those below it; null when nothing of it is left.</summary>
    public async Task<BlobId?> RewriteAsync(BlobId id, PackWriter writer, BlobEncoder encoder, CancellationToken cancellationToken)
    {
        if (!trees.IsHurt(id))
        {
            return id;
        }

        if (trees.WhyUnreadable(id) is not null)
        {
            return null;
        }

        if (!_written.TryGetValue(id, out var anew))
        {
            await Task.Yield(); // the stack stays short, however deep the directories are
            anew = await WriteAsync(id, writer, encoder, cancellationToken);
            _written.Add(id, anew);
        }

        return anew;
    }

    private async Task<BlobId?> WriteAsync(BlobId id, PackWriter writer, BlobEncoder encoder, CancellationToken cancellationToken)
    {
        var entries = new List<Entry>();
        foreach (var (node, json) in (await vault.ReadTreeAsync(index, id, cancellationToken)).Entries)
        {
            if (trees.WhyLost(node) is not null)
            {
                continue;
            }

            if (node.Subtree is { } subtree)
            {
                var anew = await RewriteAsync(subtree, writer, encoder, cancellationToken);
                await SaveEmptyAsync(anew, writer, encoder, cancellationToken);
                entries.Add(new(node with { Subtree = anew ?? Tree.Empty.Id }, anew == subtree ? json : default));
                continue;
            }

            var size = node.Type == NodeType.File ? trees.SizeOf(node) : node.Size;
            entries.Add(new(node with { Size = size }, size == node.Size ? json : default));
        }

        return entries.Count == 0 ? null : await SaveAsync(entries, writer, encoder, cancellationToken);
    }

    private static async Task<BlobId> SaveAsync(
        List<Entry> entries, PackWriter writer, BlobEncoder encoder, CancellationToken cancellationToken)
    {
        var tree = new TreeWriter();
        foreach (var (node, json) in entries
            .Order(Comparer<Entry>.Create((left, right) => left.Node.Name.Span.SequenceCompareTo(right.Node.Name.Span)))
            .DistinctBy(entry => Convert.ToHexString(entry.Node.Name.Span)))
        {
            if (json.IsEmpty)
            {
                tree.Add(node);
            }
            else
            {
                tree.AddRaw(node.Name.Span, json.Span);
            }
        }

        var plain = tree.Finish().ToArray();
        var id = BlobId.Of(plain);
        await writer.SaveAsync(BlobKind.Tree, id, plain, encoder, cancellationToken);
        return id;
    }

    // A directory of which nothing is left stays as an empty one.
    private static async ValueTask SaveEmptyAsync(BlobId? anew, PackWriter writer, BlobEncoder encoder, CancellationToken cancellationToken)
    {
        if (anew is null)
        {
            await writer.SaveAsync(BlobKind.Tree, Tree.Empty.Id, Tree.Empty.Text, encoder, cancellationToken);
        }
    }

    /// <summary>An entry of a directory that is written anew, with its text when it stays as it is, else without.</summary>
    private readonly record struct Entry(Node Node, ReadOnlyMemory<byte> Json);
}
