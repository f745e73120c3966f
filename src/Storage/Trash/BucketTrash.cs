using System.Security.Cryptography;
using Halley.Storage.Disk;
using Halley.Storage.Spanning;

namespace Halley.Storage.Trash;

/// <summary>
/// The deleted files of one bucket on all volumes. Lists them, restores them, and removes them permanently when they are due. Use one
/// object per task: it restores from the state of its first look.
/// </summary>
public sealed class BucketTrash
{
    private const int BlockSize = 1 << 20;
    private readonly VolumeSet _volumes;
    private readonly string _bucketId;
    private readonly VolumeShare[] _shares;
    private ILookup<BlobName, (VolumeShare Share, HeldName Held)>? _known;

    /// <summary>Opens the trash of a bucket on the volumes as they are now.</summary>
    public BucketTrash(VolumeSet volumes, string bucketId)
    {
        (_volumes, _bucketId) = (volumes, bucketId);
        _shares = Array.ConvertAll(volumes.Current, volume => new VolumeShare(volume, volume.Bucket(bucketId)));
    }

    /// <summary>The first files after a key, in the order of <see cref="HeldFile.Key"/>.</summary>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public IReadOnlyList<HeldFile> Page(string? after, int count, CancellationToken cancellationToken)
    {
        VolumeShare.EnsureAllOnline(_shares);
        var lastFirst = Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a));
        var first = new PriorityQueue<(VolumeShare Share, HeldName Held), string>(lastFirst);
        foreach (var (share, held) in Names(cancellationToken))
        {
            var key = held.ToString();
            if (string.CompareOrdinal(key, after) <= 0)
            {
                continue;
            }

            first.Enqueue((share, held), key);
            if (first.Count > count)
            {
                first.Dequeue();
            }
        }

        return [.. first.UnorderedItems.OrderBy(
            item => item.Priority, StringComparer.Ordinal).Select(item => Describe(item.Element.Share, item.Element.Held))
            .OfType<HeldFile>()];
    }

    /// <summary>The names of all files that were deleted at a time or later, each once.</summary>
    /// <exception cref="BlobStoreException">A volume is offline.</exception>
    public IReadOnlyCollection<BlobName> DeletedSince(DateTime since, CancellationToken cancellationToken)
    {
        VolumeShare.EnsureAllOnline(_shares);
        return [.. Names(cancellationToken).Where(item => item.Held.DeletedAt >= since).Select(item => item.Held.Name).Distinct()];
    }

    /// <summary>
    /// Restores a deleted file to the bucket, from the copy that was deleted last. Where copies differ in length, the content decides: only
    /// a copy with the SHA-256 of its name is restored.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume is offline or a disk failed.</exception>
    public (RestoreOutcome Outcome, long Length) Restore(BlobName name, CancellationToken cancellationToken)
    {
        VolumeShare.EnsureAllOnline(_shares);
        _known ??= Names(cancellationToken).ToLookup(item => item.Held.Name);
        List<(VolumeShare Share, HeldName Held, long Length)> candidates =
        [
            .. _known[name]
                .Select(item => (item.Share, item.Held, Length: LengthOf(item.Share, item.Held) ?? -1))
                .Where(item => item.Length >= 0).OrderByDescending(item => item.Held.DeletedAtMilliseconds)
                .ThenByDescending(item => item.Length),
        ];
        return RestoreOneOf(name, candidates, cancellationToken);
    }

    /// <summary>Removes the files that are due, and returns their number and total size. Offline volumes keep theirs.</summary>
    /// <param name="isDue">True for a file that can go, by the UTC time of its deletion.</param>
    /// <param name="unreadable">Called with each folder that cannot be read and is left out; null to throw instead.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    public (long Files, long Bytes) Purge(
        Func<DateTime, bool> isDue, Action<UnreadableTrash>? unreadable, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var (share, held) in Names(cancellationToken, unreadable).Where(item => isDue(item.Held.DeletedAt)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_volumes.Gates.Of(_bucketId, held.Name))
            {
                var length = LengthOf(share, held);
                if (length is not null && share.Volume.Try(() => share.Vault.Trash.Remove(held)))
                {
                    files++;
                    bytes += length.Value;
                }
            }
        }

        return (files, bytes);
    }

    private (RestoreOutcome Outcome, long Length) RestoreOneOf(
        BlobName name, List<(VolumeShare Share, HeldName Held, long Length)> candidates, CancellationToken cancellationToken)
    {
        var isInDoubt = name.Type != BlobType.Config && candidates.Select(item => item.Length).Distinct().Count() > 1;
        var outcome = RestoreOutcome.Missing;
        foreach (var (share, held, length) in candidates)
        {
            if (isInDoubt && !share.Volume.Try(() => IsWhole(share, held, cancellationToken)))
            {
                outcome = RestoreOutcome.Corrupt;
                continue;
            }

            lock (_volumes.Gates.Of(_bucketId, name))
            {
                if (VolumeShare.FindCertainly(_shares, name).Count > 0)
                {
                    return (RestoreOutcome.Present, 0);
                }

                switch (share.Volume.Try(() => share.Vault.GiveBack(held)))
                {
                    case true:
                        return (RestoreOutcome.Restored, length);
                    case false:
                        return (RestoreOutcome.Present, 0);
                    case null:
                        continue; // it was just purged, or moved to another volume
                }
            }
        }

        return (outcome, 0);
    }

    private IEnumerable<(VolumeShare Share, HeldName Held)> Names(
        CancellationToken cancellationToken, Action<UnreadableTrash>? unreadable = null)
    {
        foreach (var share in _shares.Where(share => share.Volume.Problem is null))
        {
            foreach (var type in BlobName.Collections.Append(BlobType.Config))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var held in Read(share, type, unreadable))
                {
                    yield return (share, held);
                }
            }
        }
    }

    private List<HeldName> Read(VolumeShare share, BlobType type, Action<UnreadableTrash>? unreadable)
    {
        try
        {
            return share.Volume.Try(() => share.Vault.Trash.Names(type).ToList());
        }
        catch (BlobStoreException error) when (error.Fault == BlobStoreFault.DiskError)
        {
            var folder = $"{VolumeLayout.FileTrash}/{_bucketId}/{BlobName.NameOf(type)}";
            if (unreadable is null)
            {
                throw error.Naming($"{folder} on volume {share.Volume.Id}");
            }

            unreadable(new UnreadableTrash(folder, UnreadableFolder.ReasonOf(error)));
            return [];
        }
    }

    private static HeldFile? Describe(VolumeShare share, HeldName held) =>
        LengthOf(share, held) is { } length ? new HeldFile(share.Volume, held.Name, held.DeletedAt, length) : null;

    private static long? LengthOf(VolumeShare share, HeldName held) => share.Volume.Try(() => share.Vault.Trash.Length(held));

    private static bool IsWhole(VolumeShare share, HeldName held, CancellationToken cancellationToken)
    {
        using var reader = share.Vault.Trash.Open(held);
        if (reader is null)
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        for (var offset = 0L; offset < reader.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = reader.Read(block, offset);
            hash.AppendData(block, 0, read);
            offset += read;
        }

        return hash.GetHashAndReset().AsSpan().SequenceEqual(Convert.FromHexString(held.Name.Id));
    }
}
