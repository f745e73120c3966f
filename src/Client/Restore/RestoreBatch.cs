using System.Runtime.InteropServices;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Restore.Linux;

namespace Halley.Client.Restore;

/// <summary>
/// Files that were created and lack content, as many as fit into bounded memory. Their packs are read in parallel, each once, and each
/// blob is decoded once, however many files have it. Then the directories that are complete get their times.
/// </summary>
internal sealed class RestoreBatch(Vault vault, VaultIndex index, RestoreOptions options, RestoreReport report)
{
    private const int MostPieces = 4 << 20;
    private const int MostEntries = 1 << 18;

    private readonly List<RestoreFile> _files = [];
    private readonly List<Piece> _pieces = [];
    private readonly List<RestoreDirectory> _directories = [];

    public bool IsFull => _pieces.Count >= MostPieces || _files.Count + _directories.Count >= MostEntries;

    /// <summary>Takes a file; all of its pieces stay in one batch.</summary>
    public void Add(RestoreFile file, List<FilePiece> pieces)
    {
        foreach (var piece in pieces)
        {
            file.AddPiece();
            _pieces.Add(new(piece.Number, _files.Count, piece.Offset));
        }

        _files.Add(file);
    }

    /// <summary>Takes a directory in which nothing will be made any more; the ones below it come first.</summary>
    public void Add(RestoreDirectory directory) => _directories.Add(directory);

    /// <summary>Restores all that was added.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        _pieces.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(GroupByPack(), parallel, async (pack, token) => await RestoreAsync(pack.Key, pack.Value, token));
        foreach (var directory in _directories)
        {
            Finish(directory);
        }

        _files.Clear();
        _pieces.Clear();
        _directories.Clear();
    }

    private Dictionary<BlobId, List<Use>> GroupByPack()
    {
        var packs = new Dictionary<BlobId, List<Use>>();
        for (var first = 0; first < _pieces.Count;)
        {
            var next = first + 1;
            while (next < _pieces.Count && _pieces[next].Number == _pieces[first].Number)
            {
                next++;
            }

            var location = index[_pieces[first].Number];
            ref var uses = ref CollectionsMarshal.GetValueRefOrAddDefault(packs, location.Pack, out _);
            (uses ??= []).Add(new(location.Blob, first, next - first));
            first = next;
        }

        return packs;
    }

    private async Task RestoreAsync(BlobId id, List<Use> uses, CancellationToken cancellationToken)
    {
        uses.Sort(static (left, right) => left.Blob.Offset.CompareTo(right.Blob.Offset));
        using var decoder = vault.CreateDecoder();
        using var writer = new FileWriter(options, report);
        var done = 0;
        try
        {
            using var pack = await vault.OpenPackAsync(id, cancellationToken);
            if (pack is not null)
            {
                await pack.ReadManyAsync(
                    uses.ConvertAll(use => use.Blob), decoder,
                    async blob =>
                    {
                        var use = uses[done++];
                        if (blob.Damage == BlobDamage.None)
                        {
                            Write(writer, use, blob.Plain.Span, cancellationToken);
                        }
                        else
                        {
                            await RestoreFromElsewhereAsync(writer, use, cancellationToken);
                        }
                    },
                    cancellationToken);
            }
        }
        catch (VaultException) when (done < uses.Count)
        {
            // The pack is shorter than it said. What it lacks may be in others.
        }

        while (done < uses.Count)
        {
            await RestoreFromElsewhereAsync(writer, uses[done++], cancellationToken);
        }

        report.Progress();
    }

    // Tries all packs that have the blob.
    private async ValueTask RestoreFromElsewhereAsync(FileWriter writer, Use use, CancellationToken cancellationToken)
    {
        try
        {
            var content = await vault.ReadBlobAsync(index, use.Blob.Kind, use.Blob.Id, cancellationToken);
            Write(writer, use, content, cancellationToken);
        }
        catch (VaultException error)
        {
            foreach (var piece in PiecesOf(use))
            {
                var file = _files[piece.File];
                report.Warn(
                    file.Path, $"has zeros instead of {use.Blob.PlainLength} bytes from byte {piece.Offset} on: {error.Message}",
                    lacksContent: true);
                writer.Skip(file, cancellationToken);
            }
        }
    }

    private void Write(FileWriter writer, Use use, ReadOnlySpan<byte> content, CancellationToken cancellationToken)
    {
        foreach (var piece in PiecesOf(use))
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(_files[piece.File], content, piece.Offset, cancellationToken);
        }
    }

    private ReadOnlySpan<Piece> PiecesOf(Use use) => CollectionsMarshal.AsSpan(_pieces).Slice(use.First, use.Count);

    private void Finish(RestoreDirectory directory)
    {
        try
        {
            using var open = directory.Reopen(options.Target);
            LinuxMetadata.Apply(open.Handle, directory.Node!, message => report.Warn(directory.Path, message));
        }
        catch (LinuxException error)
        {
            report.Warn(directory.Path, error.Message);
        }
    }

    private readonly record struct Piece(int Number, int File, long Offset);

    /// <summary>A blob of a pack and the pieces that are made of it.</summary>
    private readonly record struct Use(PackedBlob Blob, int First, int Count);
}
