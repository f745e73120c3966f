using System.Collections;
using Halley.Client.Repository;
using Halley.Client.Repository.Indexes;
using Halley.Client.Repository.Packs;

namespace Halley.Client.Prune;

/// <summary>
/// Decides which copy of each used blob stays and what becomes of each pack. It takes two bits for each blob and a small record for each
/// pack, beside the index.
/// </summary>
internal sealed class PackChoice
{
    private const int FewestSmall = 10;

    private readonly Vault _vault;
    private readonly VaultIndex _index;
    private readonly UsedBlobs _used;
    private readonly PruneOptions _options;
    private readonly PackUse[] _packs;
    private readonly BitArray _kept;
    private PruneSum _usedSum;
    private PruneSum _unusedSum;
    private PruneSum _duplicateSum;

    public PackChoice(Vault vault, VaultIndex index, UsedBlobs used, Dictionary<BlobId, long> stored, PruneOptions options)
    {
        (_vault, _index, _used, _options) = (vault, index, used, options);
        _packs = new PackUse[index.PackCount];
        _kept = new BitArray(index.BlobCount);
        foreach (var (number, pack) in index.Packs.Index())
        {
            _packs[number].Size = pack.Size;
            _packs[number].StoredSize = stored.GetValueOrDefault(pack.Id, -1);
        }

        ChooseCopies();
        Sum();
        ChooseFates();
    }

    /// <summary>Whether the entry of a number is the copy of its blob that stays.</summary>
    public bool Keeps(int number) => _kept[number];

    /// <summary>Whether a blob is to be compressed when its pack is written again.</summary>
    public bool MustCompress(PackedBlob blob) =>
        _vault.Config.Version >= 2 && !blob.IsCompressed && blob.PlainLength > 0
        && (blob.Kind == BlobKind.Tree || _options.RepacksUncompressed);

    /// <summary>What becomes of a pack.</summary>
    public PackUse Of(int pack) => _packs[pack];

    /// <summary>The sums of it.</summary>
    public PruneResult Summarize(IEnumerable<long> unindexed)
    {
        var result = new PruneResult
        {
            UsedBlobs = _usedSum,
            UnusedBlobs = _unusedSum,
            DuplicateBlobs = _duplicateSum,
            UnindexedPacks = unindexed.Aggregate(default(PruneSum), (sum, size) => sum.Plus(size)),
        };
        result = result with { FreedBytes = result.UnindexedPacks.Bytes };
        foreach (ref readonly var pack in _packs.AsSpan())
        {
            result = pack.Fate switch
            {
                PackFate.Keep => result with
                {
                    KeptPacks = result.KeptPacks.Plus(pack.Size),
                    UnusedBytesLeft = result.UnusedBytesLeft + pack.UnusedBytes,
                },
                PackFate.Repack => result with
                {
                    RepackedPacks = result.RepackedPacks.Plus(pack.Size),
                    FreedBytes = result.FreedBytes + pack.UnusedBytes,
                },
                PackFate.Delete => result with
                {
                    DeletedPacks = result.DeletedPacks.Plus(pack.StoredSize),
                    FreedBytes = result.FreedBytes + pack.StoredSize,
                },
                _ => result with { MissingPacks = result.MissingPacks + 1 },
            };
        }

        return result;
    }

    // A blob that is once in the vault stays where it is. Of several copies the one stays whose pack has most that stays already, and of
    // those the one with least that goes; so the packs that an interrupted prune wrote win against those that it wanted to replace.
    private void ChooseCopies()
    {
        var numbers = new List<int>();
        var hasCopies = false;
        foreach (var (blob, number) in _index.Packs.SelectMany(pack => pack.Blobs))
        {
            if (_used.Contains(blob.Kind, blob.Id))
            {
                _index.FindNumbers(blob.Kind, blob.Id, numbers);
                hasCopies |= numbers.Count > 1;
                if (numbers.Count == 1)
                {
                    Keep(blob, number);
                }
            }
        }

        foreach (var (blob, number) in hasCopies ? _index.Packs.SelectMany(pack => pack.Blobs) : [])
        {
            if (_used.Contains(blob.Kind, blob.Id))
            {
                _index.FindNumbers(blob.Kind, blob.Id, numbers);
                if (numbers.Count > 1 && numbers[0] == number)
                {
                    var best = numbers.MaxBy(copy => ValueOf(_packs[_index.PackNumberOf(copy)]));
                    Keep(_index[best].Blob, best);
                }
            }
        }
    }

    private static (bool, long, long) ValueOf(in PackUse pack) => (pack.IsGood, pack.UsedBytes, -pack.UnusedBytes);

    private void Keep(in PackedBlob blob, int number)
    {
        ref var pack = ref _packs[_index.PackNumberOf(number)];
        _kept[number] = true;
        pack.UsedBlobs++;
        pack.UsedBytes += PackUse.SizeOf(blob);
        pack.MustCompress |= MustCompress(blob);
    }

    private void Sum()
    {
        foreach (var (number, pack) in _index.Packs.Index())
        {
            foreach (var (blob, entry) in pack.Blobs)
            {
                var size = PackUse.SizeOf(blob);
                _packs[number].HasTrees |= blob.Kind == BlobKind.Tree;
                _packs[number].HasData |= blob.Kind == BlobKind.Data;
                if (_kept[entry])
                {
                    _usedSum = _usedSum.Plus(size);
                }
                else if (_used.Contains(blob.Kind, blob.Id))
                {
                    _duplicateSum = _duplicateSum.Plus(size);
                }
                else
                {
                    _unusedSum = _unusedSum.Plus(size);
                }
            }
        }
    }

    private void ChooseFates()
    {
        var (candidates, small, unusedLeft) = (new List<int>(), new List<int>(), 0L);
        for (var number = 0; number < _packs.Length; number++)
        {
            ref var pack = ref _packs[number];
            if (pack.UsedBlobs == 0)
            {
                pack.Fate = pack.StoredSize < 0 ? PackFate.Missing : PackFate.Delete;
                continue;
            }

            unusedLeft += pack.UnusedBytes;
            if (_options.RepacksCacheableOnly && pack.HasData)
            {
                continue;
            }

            if (pack.UnusedBytes > 0 || IsMixed(pack) || pack.MustCompress)
            {
                candidates.Add(number);
            }
            else if (_options.RepacksSmall && IsSmall(pack))
            {
                small.Add(number);
            }
        }

        candidates.AddRange(small.Count >= FewestSmall ? small : []);
        ChooseRepacked(candidates, unusedLeft);
    }

    // Directories first, which all commands read; then what gives most room for the work.
    private void ChooseRepacked(List<int> candidates, long unusedLeft)
    {
        var limit = _options.MaxUnused.BytesFor(_usedSum.Bytes);
        var repacked = 0L;
        foreach (var number in candidates
            .OrderBy(number => _packs[number].HasTrees ? 0 : 1)
            .ThenBy(number => IsSmall(_packs[number]) ? 0 : 1)
            .ThenByDescending(number => _packs[number].UnusedBytes / (double)_packs[number].UsedBytes))
        {
            ref var pack = ref _packs[number];
            if (repacked + pack.Size > (_options.MaxRepackBytes ?? long.MaxValue))
            {
                continue;
            }

            if (pack.HasTrees || pack.MustCompress || (IsSmall(pack) && _options.RepacksSmall) || unusedLeft > limit)
            {
                pack.Fate = PackFate.Repack;
                repacked += pack.Size;
                unusedLeft -= pack.UnusedBytes;
            }
        }
    }

    private static bool IsMixed(in PackUse pack) => pack is { HasData: true, HasTrees: true };

    private bool IsSmall(in PackUse pack) => pack.Size < _vault.Options.PackSize / 10 * 8;
}
