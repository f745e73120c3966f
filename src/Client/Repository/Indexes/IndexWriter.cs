using Halley.Client.Repository.Files;
using Halley.Client.Repository.Json;
using Halley.Storage;

namespace Halley.Client.Repository.Indexes;

/// <summary>
/// Writes index files for packs that are on the store. It writes one whenever it is large or old enough, so that the next backup finds the
/// packs of an interrupted one. May be called from any number of threads at once.
/// </summary>
public sealed class IndexWriter
{
    /// <summary>An index file is written when it names this many blobs.</summary>
    internal const int FullAt = 50_000;

    private static readonly TimeSpan OldAfter = TimeSpan.FromMinutes(10);

    private readonly VaultFiles _files;
    private readonly VaultIndex _index;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private List<IndexedPack> _waiting = [];
    private int _blobs;
    private long _since;

    internal IndexWriter(VaultFiles files, VaultIndex index, TimeProvider time) => (_files, _index, _time) = (files, index, time);

    /// <summary>Takes a pack that is on the store. Writes an index file when it is time.</summary>
    public async ValueTask AddAsync(IndexedPack pack, CancellationToken cancellationToken)
    {
        if (Add(pack) is { } full)
        {
            await WriteAsync(full, cancellationToken);
        }
    }

    /// <summary>Writes an index file for the packs that wait for one.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (Take() is { Count: > 0 } packs)
        {
            await WriteAsync(packs, cancellationToken);
        }
    }

    private List<IndexedPack>? Add(IndexedPack pack)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _since = _time.GetTimestamp();
            }

            _waiting.Add(pack);
            _blobs += pack.BlobCount;
            return _blobs >= FullAt || _time.GetElapsedTime(_since) >= OldAfter ? Take() : null;
        }
    }

    private List<IndexedPack> Take()
    {
        lock (_gate)
        {
            var packs = _waiting;
            (_waiting, _blobs) = ([], 0);
            return packs;
        }
    }

    private async ValueTask WriteAsync(List<IndexedPack> packs, CancellationToken cancellationToken)
    {
        var writer = new GoJsonWriter();
        IndexJson.Write(writer, packs);
        var id = await _files.WriteAsync(BlobType.Index, writer.Written, cancellationToken);
        _index.AddFile(new IndexFile(id, [.. packs.Select(pack => pack.Id)], packs.Sum(pack => pack.BlobCount)));
    }
}
