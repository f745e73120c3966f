namespace Halley.Client.Repository.Indexes;

/// <summary>
/// The packs of an index: which records of the <see cref="BlobTable"/> are theirs, in 40 bytes and 5 to 8 of hash table. Not for several
/// threads.
/// </summary>
internal sealed class PackTable
{
    private readonly List<Range> _packs = [];

    // Versions of restic before 0.10 could spread the blobs of one pack over several entries. The few that are found later stand apart.
    private readonly Dictionary<int, List<int>> _apart = [];

    // Open addressing with linear probing: number of the pack plus 1, or 0.
    private int[] _slots = new int[64];

    /// <summary>Number of packs.</summary>
    public int Count => _packs.Count;

    /// <summary>The number of a pack; −1 when it is not there.</summary>
    public int Find(in BlobId id)
    {
        for (var slot = Home(id); _slots[slot] != 0; slot = Next(slot))
        {
            if (_packs[_slots[slot] - 1].Id == id)
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    /// <summary>Adds a pack that is not there, and returns its number.</summary>
    public int Add(in BlobId id, int firstRecord, int records)
    {
        if (_packs.Count >= _slots.Length / 5 * 4L)
        {
            _slots = new int[checked((int)(_slots.Length * 3L / 2))];
            for (var pack = 0; pack < _packs.Count; pack++)
            {
                Place(pack);
            }
        }

        _packs.Add(new Range(id, firstRecord, records));
        Place(_packs.Count - 1);
        return _packs.Count - 1;
    }

    /// <summary>Adds a record to a pack.</summary>
    public void AddRecord(int pack, int record)
    {
        if (!_apart.TryGetValue(pack, out var records))
        {
            _apart.Add(pack, records = []);
        }

        records.Add(record);
    }

    /// <summary>The name of a pack.</summary>
    public BlobId IdOf(int pack) => _packs[pack].Id;

    /// <summary>A pack of an index.</summary>
    public IndexedPack At(int pack, VaultIndex index)
    {
        var range = _packs[pack];
        return new(index, range.Id, range.First, range.Count, _apart.TryGetValue(pack, out var apart) ? [.. apart] : []);
    }

    private int Home(in BlobId id) => (int)(((id.Bits >> 32) * (ulong)_slots.Length) >> 32);

    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    private void Place(int pack)
    {
        var slot = Home(_packs[pack].Id);
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        _slots[slot] = pack + 1;
    }

    private readonly record struct Range(BlobId Id, int First, int Count);
}
