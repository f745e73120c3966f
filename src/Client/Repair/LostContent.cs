using System.Text;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Trees;

namespace Halley.Client.Repair;

/// <summary>A file of a snapshot that lacks chunks.</summary>
/// <param name="Places">Where it may have been when it was backed up.</param>
/// <param name="DisplayPath">Its path in the snapshot, as <see cref="LostEntry.Path"/> has it.</param>
/// <param name="Chunks">The chunks that are lost.</param>
internal sealed record LostFile(IReadOnlyList<BytePath> Places, string DisplayPath, IReadOnlyList<BlobId> Chunks);

/// <summary>The blobs that snapshots lack, and the files that had them.</summary>
internal sealed class LostContent
{
    private readonly HashSet<(BlobKind Kind, BlobId Id)> _blobs = [];
    private readonly List<LostFile> _files = [];
    private readonly HashSet<BlobId> _withoutDirectories = [];

    private LostContent()
    {
    }

    /// <summary>Files that lack chunks, those of the newest snapshot first.</summary>
    public IReadOnlyList<LostFile> Files => _files;

    /// <summary>How many blobs are known to be lost.</summary>
    public IReadOnlyCollection<(BlobKind Kind, BlobId Id)> Blobs => _blobs;

    /// <summary>Whether a blob is lost.</summary>
    public bool Contains(BlobKind kind, BlobId id) => _blobs.Contains((kind, id));

    /// <summary>Whether a snapshot lacks directories, so that what was in them is not known.</summary>
    public bool LacksDirectories(BlobId snapshot) => _withoutDirectories.Contains(snapshot);

    /// <summary>Finds them.</summary>
    /// <param name="vault">The vault.</param>
    /// <param name="index">Its index without what is lost.</param>
    /// <param name="bad">What the index files say of packs that are missing or damaged.</param>
    /// <param name="trees">Asked about all snapshots already.</param>
    /// <param name="hurt">The snapshots that lack something, in the order of time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<LostContent> FindAsync(
        Vault vault, VaultIndex index, VaultIndex bad, WholeTrees trees, IReadOnlyList<HurtSnapshot> hurt,
        CancellationToken cancellationToken)
    {
        var lost = new LostContent();
        lost._blobs.UnionWith(bad.Packs.SelectMany(pack => pack.Blobs).Select(entry => (entry.Blob.Kind, entry.Blob.Id)));
        lost._blobs.RemoveWhere(blob => index.Contains(blob.Kind, blob.Id));
        var seen = new HashSet<(BlobId, string)>();
        foreach (var snapshot in hurt.Reverse())
        {
            await lost.AddAsync(vault, index, trees, snapshot, seen, cancellationToken);
        }

        return lost;
    }

    private async Task AddAsync(
        Vault vault, VaultIndex index, WholeTrees trees, HurtSnapshot snapshot, HashSet<(BlobId, string)> seen,
        CancellationToken cancellationToken)
    {
        var waiting = new Stack<(BlobId Tree, BytePath Path, string DisplayPath)>([(snapshot.Snapshot.Tree, BytePath.Root, "")]);
        while (waiting.TryPop(out var next))
        {
            if (trees.WhyUnreadable(next.Tree) is not null)
            {
                _blobs.Add((BlobKind.Tree, next.Tree));
                _withoutDirectories.Add(snapshot.Id);
                continue;
            }

            if (!trees.IsHurt(next.Tree) || !seen.Add((next.Tree, Encoding.Latin1.GetString(next.Path.Bytes))))
            {
                continue;
            }

            foreach (var node in (await vault.ReadTreeAsync(index, next.Tree, cancellationToken)).Nodes.Where(node => node.HasSafeName))
            {
                var (path, displayPath) = (next.Path.Join(node.Name.Span), $"{next.DisplayPath}/{node.DisplayName}");
                if (node.Subtree is { } subtree)
                {
                    waiting.Push((subtree, path, displayPath));
                }
                else if (node.Type == NodeType.File)
                {
                    Add(index, node, PlacesOf(path, snapshot.Snapshot.Paths), displayPath);
                }
            }
        }
    }

    // A relative path of a backup is in the snapshot under its own names: /docs for docs, although that is /home/anna/docs, and the entries
    // of the directory for a dot.
    private static List<BytePath> PlacesOf(BytePath path, IReadOnlyList<string> sources)
    {
        var places = new List<BytePath>();
        var name = path.Bytes;
        foreach (var source in sources.Select(source => Encoding.UTF8.GetBytes(source.TrimEnd('/'))))
        {
            if (name.StartsWith(source) && (name.Length == source.Length || name[source.Length] == (byte)'/'))
            {
                return [path];
            }

            for (var end = name.LastIndexOf((byte)'/'); end >= 0; end = name[..end].LastIndexOf((byte)'/'))
            {
                if (source.AsSpan().EndsWith(name[..end]))
                {
                    places.Add(BytePath.Of([.. source, .. name[end..]]));
                }
            }
        }

        return places.Count > 0 ? places : [path];
    }

    private void Add(VaultIndex index, Node node, IReadOnlyList<BytePath> places, string displayPath)
    {
        var chunks = (node.Content ?? []).Where(id => !index.Contains(BlobKind.Data, id)).ToList();
        if (chunks.Count > 0)
        {
            _blobs.UnionWith(chunks.Select(id => (BlobKind.Data, id)));
            _files.Add(new LostFile(places, displayPath, chunks));
        }
    }
}
