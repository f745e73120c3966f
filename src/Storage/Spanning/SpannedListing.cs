using System.Runtime.InteropServices;
using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>Reads one part of a collection on all volumes while files may be moved between them, and misses none.</summary>
internal static class SpannedListing
{
    /// <summary>
    /// A folder that was left alone for this long can be trusted to show any later change in its time stamp, however coarse that is.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private const int MaximumPasses = 16;

    /// <summary>The files of a part with the length of their longest copy.</summary>
    public static Dictionary<string, long> Read(VolumeShare[] shares, BlobType type, string part)
    {
        var found = new Dictionary<string, long>();
        if (shares.Length == 1)
        {
            ReadOnce(shares[0], type, part, found);
            return found;
        }

        for (var pass = 0; pass < MaximumPasses; pass++)
        {
            var before = Array.ConvertAll(shares, share => Changed(share, type, part));
            var known = found.Count;
            foreach (var share in shares)
            {
                ReadOnce(share, type, part, found);
            }

            // No folder changed while they were read, so no file moved. Otherwise everything is read again until that brings nothing new:
            // to be missed then, a file would have had to be moved back and forth exactly in step with every pass.
            var quiet = Enumerable.Range(0, shares.Length).All(i => IsQuiet(shares[i], before[i], Changed(shares[i], type, part)));
            if (quiet || (pass > 0 && found.Count == known))
            {
                return found;
            }
        }

        throw new BlobStoreException(BlobStoreFault.DiskError, "Too many files were moved while they were being listed. Try again.");
    }

    private static void ReadOnce(VolumeShare share, BlobType type, string part, Dictionary<string, long> found)
    {
        try
        {
            foreach (var (id, length) in share.Vault.Files(type, part))
            {
                ref var longest = ref CollectionsMarshal.GetValueRefOrAddDefault(found, id, out _);
                longest = Math.Max(longest, length);
            }
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            var failure = share.Volume.Explain(error);
            throw failure.Fault == BlobStoreFault.DiskError
                ? failure.Naming($"{UnreadableFolder.PathOf(type, part)} on volume {share.Volume.Id}")
                : failure;
        }
    }

    private static DateTime? Changed(VolumeShare share, BlobType type, string part)
    {
        try
        {
            return share.Vault.Changed(type, part);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw share.Volume.Explain(error);
        }
    }

    private static bool IsQuiet(VolumeShare share, DateTime? before, DateTime? after) =>
        before == after && (after is null || share.Vault.Now() - after > Settled);
}
