using System.Text;
using Halley.Client.Backup;
using Halley.Client.Backup.FileSystem;
using Halley.Client.Repository;
using Halley.Client.Repository.Caching;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;
using Halley.Client.Repository.Snapshots;
using Halley.Client.Repository.Trees;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>
/// Finds lost blobs on this machine and stores them: in its copies of directories, in directories on disk that have not changed, and in
/// files. A blob is stored only when its SHA-256 is that of a lost one, so nothing wrong and nothing new can get into the vault.
/// </summary>
internal sealed class LostSource(Vault vault, VaultIndex index, HealingOptions options)
{
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Blobs that were stored.</summary>
    public int Stored { get; private set; }

    /// <summary>Reads copies of lost packs of directories.</summary>
    /// <returns>True when blobs were stored.</returns>
    public Task<bool> ReadCopiesAsync(IReadOnlyList<BlobId> packs, LostContent lost, CancellationToken cancellationToken) =>
        options.Cache is { } place && MetadataCache.TryOpen(place, vault.Config.Id, vault.Options.Time, vault.Options.Notice) is { } cache
            ? StoreAsync(
                async writer =>
                {
                    using var encoder = vault.CreateEncoder();
                    foreach (var pack in packs)
                    {
                        foreach (var (blob, text) in await ReadCopyAsync(cache, pack, lost, cancellationToken))
                        {
                            await writer.SaveAsync(blob.Kind, blob.Id, text, encoder, cancellationToken);
                        }
                    }
                },
                cancellationToken)
            : Task.FromResult(false);

    /// <summary>
    /// Makes directories again as a backup would: what has not changed since a snapshot is not read. For each choice of paths once, since
    /// the result does not depend on the snapshot.
    /// </summary>
    /// <param name="snapshots">Snapshots that lack directories.</param>
    /// <param name="whole">Snapshots whose directories can be read.</param>
    /// <param name="lost">What is lost.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>True when blobs were stored.</returns>
    public async Task<bool> ReadDirectoriesAsync(
        IReadOnlyList<HurtSnapshot> snapshots, IReadOnlyList<SnapshotEntry> whole, LostContent lost, CancellationToken cancellationToken)
    {
        var hasStored = false;
        foreach (var group in snapshots.Reverse().GroupBy(snapshot => string.Join('\0', snapshot.Snapshot.Paths)))
        {
            var paths = group.First().Snapshot.Paths.Where(path => Path.Exists(path) && options.Allows(path)).ToList();
            var how = group.Select(snapshot => options.MadeWith(snapshot.Snapshot)).OfType<BackupOptions>().FirstOrDefault();
            if (how is null || paths.Count == 0 || !CanCut())
            {
                continue;
            }

            var before = whole.LastOrDefault(entry => string.Join('\0', entry.Snapshot.Paths) == group.Key)?.Snapshot.Tree
                ?? group.First().Snapshot.Tree;
            hasStored |= await StoreAsync(
                async writer =>
                {
                    var tally = new BackupTally(vault.Options.Time, writer, how with { Progress = null, OnItem = null, OnWarning = null });
                    using var run = new BackupRun(vault, index, writer, how, tally, lost.Contains);
                    await run.SavePathsAsync([.. paths.Select(path => SourcePath.Of(path, "/"))], before, cancellationToken);
                },
                cancellationToken);
        }

        return hasStored;
    }

    /// <summary>Reads files that had lost chunks.</summary>
    /// <returns>True when blobs were stored.</returns>
    public Task<bool> ReadFilesAsync(LostContent lost, CancellationToken cancellationToken) => lost.Files.Count == 0 || !CanCut()
        ? Task.FromResult(false)
        : StoreAsync(
            async writer =>
            {
                using var worker = new BackupWorker(vault.CreateChunker(), writer, vault.CreateEncoder(), lost.Contains);
                var (read, found) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<BlobId>());
                foreach (var (file, place) in lost.Files.SelectMany(file => file.Places.Select(place => (file, place))))
                {
                    if (!file.Chunks.All(found.Contains) && read.Add(Encoding.Latin1.GetString(place.Bytes)))
                    {
                        found.UnionWith(await ReadFileAsync(file, place, worker, cancellationToken));
                    }
                }
            },
            cancellationToken);

    /// <summary>Says what was found on this machine in the place of what is still lost.</summary>
    public HurtSnapshot Explain(HurtSnapshot snapshot) => snapshot with
    {
        Lost = [.. snapshot.Lost.Select(lost => _reasons.TryGetValue(lost.Path, out var why)
            ? lost with { Reason = $"{lost.Reason}, and {why}" }
            : lost)],
    };

    private async ValueTask<IReadOnlyList<BlobId>> ReadFileAsync(
        LostFile file, BytePath place, BackupWorker worker, CancellationToken cancellationToken)
    {
        if (!options.Allows($"{place}"))
        {
            _reasons.TryAdd(file.DisplayPath, "this machine may not read the file");
            return [];
        }

        try
        {
            using var handle = LinuxFiles.Open(place);
            var status = LinuxFiles.Status(handle);
            if (status.Type != NodeType.File)
            {
                throw new SourceException("is no file any more");
            }

            var (chunks, _) = await worker.SaveFileAsync(new FileContent(handle, status.IsSparse), static _ => { }, cancellationToken);
            _reasons[file.DisplayPath] = "the file on this machine has changed since";
            return chunks;
        }
        catch (SourceException error)
        {
            _reasons.TryAdd(file.DisplayPath, $"the file on this machine {error.Message}");
            return [];
        }
    }

    // All good blobs of a copy that are lost. A copy that is damaged is as good as none.
    private async ValueTask<List<(PackedBlob Blob, byte[] Text)>> ReadCopyAsync(
        MetadataCache cache, BlobId id, LostContent lost, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(BlobType.Data, id.ToString());
        var good = new List<(PackedBlob, byte[])>();
        try
        {
            if (await cache.TryOpenPackAsync(name, cancellationToken) is not { } file)
            {
                return good;
            }

            using var pack = new PackReader(name, file);
            using var decoder = vault.CreateDecoder();
            var blobs = (await pack.ReadHeaderAsync(decoder, cancellationToken)).Where(blob => lost.Contains(blob.Kind, blob.Id)).ToList();
            await pack.ReadManyAsync(
                blobs, decoder,
                blob =>
                {
                    if (blob.Damage == BlobDamage.None)
                    {
                        good.Add((blob.Blob, blob.Plain.ToArray()));
                    }

                    return ValueTask.CompletedTask;
                },
                cancellationToken);
        }
        catch (Exception error) when (error is VaultException or BlobStoreException)
        {
            vault.Options.Notice?.Invoke($"The copy of {name} on this machine cannot be read: {error.Message}");
        }

        return good;
    }

    private async Task<bool> StoreAsync(Func<PackWriter, Task> run, CancellationToken cancellationToken)
    {
        await using var writer = vault.CreatePackWriter(index);
        await run(writer);
        await writer.FinishAsync(cancellationToken);
        var stored = (int)(writer.Statistics.DataBlobs + writer.Statistics.TreeBlobs);
        Stored += stored;
        return stored > 0;
    }

    private bool CanCut() => OperatingSystem.IsLinux() && !vault.Config.HasForeignChunker;
}
