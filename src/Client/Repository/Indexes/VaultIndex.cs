using Halley.Client.Repository.Packs;

namespace Halley.Client.Repository.Indexes;

/// <summary>A blob and the pack that holds it.</summary>
/// <param name="Pack">Name of the pack.</param>
/// <param name="Blob">Where it is in the pack.</param>
/// <param name="Number">
/// Number of the entry, from 0 to <see cref="VaultIndex.BlobCount"/> − 1: marks for blobs fit into a bit array of that size.
/// </param>
public readonly record struct BlobLocation(BlobId Pack, PackedBlob Blob, int Number);

/// <summary>
/// The blobs of a vault: all index files in one table, with the blobs that this process has added since. All members may be called from
/// any number of threads at once.
/// </summary>
public sealed class VaultIndex
{
    private readonly Lock _gate = new();
    private readonly BlobTable _blobs = new();
    private readonly PackTable _packs = new();
    private readonly List<IndexFile> _files = [];

    // Blobs that someone is about to store, until their pack is on the store.
    private readonly HashSet<(BlobId Id, BlobKind Kind)> _reserved = [];

    /// <summary>Number of entries. A blob that is in several packs counts several times.</summary>
    public int BlobCount
    {
        get
        {
            lock (_gate)
            {
                return _blobs.Count;
            }
        }
    }

    /// <summary>Number of packs.</summary>
    public int PackCount
    {
        get
        {
            lock (_gate)
            {
                return _packs.Count;
            }
        }
    }

    /// <summary>The index files that were loaded or written, and which packs each names.</summary>
    public IReadOnlyList<IndexFile> Files
    {
        get
        {
            lock (_gate)
            {
                return [.. _files];
            }
        }
    }

    /// <summary>Bytes that the table of blobs takes.</summary>
    internal long Size
    {
        get
        {
            lock (_gate)
            {
                return _blobs.Size;
            }
        }
    }

    /// <summary>True when a pack that is on the store holds this blob.</summary>
    public bool Contains(BlobKind kind, in BlobId id)
    {
        lock (_gate)
        {
            var cursor = -1;
            return _blobs.Find(kind, id, ref cursor) >= 0;
        }
    }

    /// <summary>Finds a blob; any place when it is in several packs.</summary>
    public bool TryFind(BlobKind kind, in BlobId id, out BlobLocation location)
    {
        lock (_gate)
        {
            var cursor = -1;
            var number = _blobs.Find(kind, id, ref cursor);
            location = number < 0 ? default : LocationOf(number);
            return number >= 0;
        }
    }

    /// <summary>Finds all places of a blob.</summary>
    public IReadOnlyList<BlobLocation> FindAll(BlobKind kind, in BlobId id)
    {
        lock (_gate)
        {
            var locations = new List<BlobLocation>(1);
            var cursor = -1;
            for (int number; (number = _blobs.Find(kind, id, ref cursor)) >= 0;)
            {
                locations.Add(LocationOf(number));
            }

            return locations;
        }
    }

    /// <summary>Finds the numbers of all entries of a blob, without an allocation.</summary>
    internal void FindNumbers(BlobKind kind, in BlobId id, List<int> numbers)
    {
        numbers.Clear();
        lock (_gate)
        {
            var cursor = -1;
            for (int number; (number = _blobs.Find(kind, id, ref cursor)) >= 0;)
            {
                numbers.Add(number);
            }
        }
    }

    /// <summary>Which of <see cref="Packs"/> holds the entry of a number, counted from 0.</summary>
    internal int PackNumberOf(int number)
    {
        lock (_gate)
        {
            return _blobs.PackOf(number);
        }
    }

    /// <summary>The entry of a number.</summary>
    public BlobLocation this[int number]
    {
        get
        {
            lock (_gate)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)_blobs.Count, nameof(number));
                return LocationOf(number);
            }
        }
    }

    /// <summary>True when the index names a pack.</summary>
    public bool ContainsPack(in BlobId pack)
    {
        lock (_gate)
        {
            return _packs.Find(pack) >= 0;
        }
    }

    /// <summary>A pack; null when no index names it.</summary>
    public IndexedPack? FindPack(in BlobId pack)
    {
        lock (_gate)
        {
            return _packs.Find(pack) is >= 0 and var number ? _packs.At(number, this) : null;
        }
    }

    /// <summary>The packs that exist at the time of the call, in the order in which they were added.</summary>
    public IEnumerable<IndexedPack> Packs
    {
        get
        {
            for (var number = 0; number < PackCount; number++)
            {
                IndexedPack pack;
                lock (_gate)
                {
                    pack = _packs.At(number, this);
                }

                yield return pack;
            }
        }
    }

    /// <summary>
    /// Takes the task of storing a blob. False when the vault has it, or another thread has taken the task; true makes the caller
    /// responsible: it stores the blob or calls <see cref="Release"/>.
    /// </summary>
    public bool TryReserve(BlobKind kind, in BlobId id)
    {
        lock (_gate)
        {
            var cursor = -1;
            return _blobs.Find(kind, id, ref cursor) < 0 && _reserved.Add((id, kind));
        }
    }

    /// <summary>Cancels the reservation of a blob that was not saved.</summary>
    public void Release(BlobKind kind, in BlobId id)
    {
        lock (_gate)
        {
            _reserved.Remove((id, kind));
        }
    }

    /// <summary>
    /// Adds a pack that is on the store, with all its blobs. Known entries are left out: index files of concurrent programs may name the
    /// same pack.
    /// </summary>
    /// <returns>The resulting pack.</returns>
    public IndexedPack AddPack(in BlobId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        lock (_gate)
        {
            var number = _packs.Find(pack);
            if (number >= 0)
            {
                AddRest(number, blobs);
                return _packs.At(number, this);
            }

            number = _packs.Add(pack, _blobs.Count, blobs.Length);
            foreach (ref readonly var blob in blobs)
            {
                _blobs.Add(number, blob);
                _reserved.Remove((blob.Id, blob.Kind));
            }

            return _packs.At(number, this);
        }
    }

    internal void AddFile(IndexFile file)
    {
        lock (_gate)
        {
            _files.Add(file);
        }
    }

    internal PackedBlob BlobAt(int number)
    {
        lock (_gate)
        {
            return _blobs[number];
        }
    }

    private void AddRest(int pack, ReadOnlySpan<PackedBlob> blobs)
    {
        foreach (ref readonly var blob in blobs)
        {
            if (IsKnown(pack, blob))
            {
                continue;
            }

            _packs.AddRecord(pack, _blobs.Count);
            _blobs.Add(pack, blob);
        }
    }

    private bool IsKnown(int pack, in PackedBlob blob)
    {
        var cursor = -1;
        for (int number; (number = _blobs.Find(blob.Kind, blob.Id, ref cursor)) >= 0;)
        {
            if (_blobs.PackOf(number) == pack && _blobs[number] == blob)
            {
                return true;
            }
        }

        return false;
    }

    private BlobLocation LocationOf(int number) => new(_packs.IdOf(_blobs.PackOf(number)), _blobs[number], number);
}
