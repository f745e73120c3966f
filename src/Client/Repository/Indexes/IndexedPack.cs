using Halley.Client.Repository.Packs;

namespace Halley.Client.Repository.Indexes;

/// <summary>A pack that an index names.</summary>
public readonly struct IndexedPack
{
    private readonly VaultIndex _index;
    private readonly int _first;
    private readonly int _count;
    private readonly int[] _apart;

    internal IndexedPack(VaultIndex index, BlobId id, int first, int count, int[] apart)
    {
        (_index, Id, _first, _count, _apart) = (index, id, first, count, apart);
    }

    /// <summary>Its name.</summary>
    public BlobId Id { get; }

    /// <summary>Number of its blobs.</summary>
    public int BlobCount => _count + _apart.Length;

    /// <summary>Its blobs, each with its number in the index, in the order of the index file.</summary>
    public IEnumerable<(PackedBlob Blob, int Number)> Blobs
    {
        get
        {
            for (var i = 0; i < BlobCount; i++)
            {
                var number = i < _count ? _first + i : _apart[i - _count];
                yield return (_index.BlobAt(number), number);
            }
        }
    }

    /// <summary>The size in bytes that a pack with exactly these blobs has. A file of another size is damaged, or the index is.</summary>
    public long Size => PackHeader.SizeOfPack(Blobs.Select(entry => entry.Blob));
}

/// <summary>An index file and the packs that it names.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Packs">The packs.</param>
/// <param name="BlobCount">How many blobs it names.</param>
public sealed record IndexFile(BlobId Id, IReadOnlyList<BlobId> Packs, int BlobCount);
