using Halley.Client.Repository.Packs;

namespace Halley.Client.Repository.Indexes;

/// <summary>
/// Where each blob is, in 48 bytes per blob and 5 to 8 bytes of hash table, without an object per blob. Records stand in the order in which
/// they were added, so the blobs of a pack stand together. A blob that is in several packs has several records. Not for several threads.
/// </summary>
internal sealed class BlobTable
{
    private const int PageBits = 14;
    private const int PageSize = 1 << PageBits;
    private const int SmallestTable = 1024;

    // Pages never move, so that growing needs no second copy of them.
    private readonly List<Record[]> _pages = [];

    // Open addressing with linear probing: number of the record plus 1, or 0.
    private int[] _slots = new int[SmallestTable];

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the table takes.</summary>
    public long Size => (_pages.Count * PageSize * 48L) + (_slots.Length * (long)sizeof(int));

    /// <summary>Adds a blob of a pack.</summary>
    public void Add(int pack, in PackedBlob blob)
    {
        if (Count >= _slots.Length / 5 * 4L)
        {
            Grow();
        }

        if (Count >> PageBits == _pages.Count)
        {
            _pages.Add(new Record[PageSize]);
        }

        _pages[Count >> PageBits][Count & (PageSize - 1)] = new Record(blob, pack);
        Place(Count);
        Count++;
    }

    /// <summary>A record.</summary>
    public PackedBlob this[int record] => RecordAt(record).Blob;

    /// <summary>The pack of a record.</summary>
    public int PackOf(int record) => RecordAt(record).Pack;

    /// <summary>The next record of a blob, or −1. The first search begins with a cursor of −1.</summary>
    public int Find(BlobKind kind, in BlobId id, ref int cursor)
    {
        if (cursor < 0)
        {
            cursor = Home(id);
        }

        while (_slots[cursor] is not 0 and var slot)
        {
            cursor = cursor + 1 == _slots.Length ? 0 : cursor + 1;
            ref readonly var record = ref RecordAt(slot - 1);
            if (record.Id == id && record.Kind == kind)
            {
                return slot - 1;
            }
        }

        return -1;
    }

    private ref readonly Record RecordAt(int record) => ref _pages[record >> PageBits][record & (PageSize - 1)];

    // The ids are hashes, so their bits need no mixing; the multiplication maps them evenly to any size of table.
    private int Home(in BlobId id) => (int)(((id.Bits >> 32) * (ulong)_slots.Length) >> 32);

    private void Place(int record)
    {
        var slot = Home(RecordAt(record).Id);
        while (_slots[slot] != 0)
        {
            slot = slot + 1 == _slots.Length ? 0 : slot + 1;
        }

        _slots[slot] = record + 1;
    }

    private void Grow()
    {
        _slots = new int[checked((int)(_slots.Length * 3L / 2))];
        for (var record = 0; record < Count; record++)
        {
            Place(record);
        }
    }

    // 48 bytes. The kind is the sign of the pack's number.
    private readonly struct Record(in PackedBlob blob, int pack)
    {
        private readonly uint _offset = blob.Offset;
        private readonly uint _length = blob.Length;
        private readonly uint _compressedFrom = blob.CompressedFrom;
        private readonly int _pack = blob.Kind == BlobKind.Tree ? ~pack : pack;

        public readonly BlobId Id = blob.Id;

        public BlobKind Kind => _pack < 0 ? BlobKind.Tree : BlobKind.Data;

        public int Pack => _pack < 0 ? ~_pack : _pack;

        public PackedBlob Blob => new(Id, Kind, _offset, _length, _compressedFrom);
    }
}
