namespace Halley.Storage.Spanning;

/// <summary>
/// Deletes a file of which a copy is kept: the longest one, which is the whole one while somebody copies it between volumes, goes to the
/// trash of its volume; the others are deleted once it is safely there.
/// </summary>
internal static class HoldingDelete
{
    private const int Attempts = 4;

    /// <summary>The length of what is held; null when there was no file. Only under the file's gate.</summary>
    /// <exception cref="BlobStoreException">A copy may still exist, or a volume cannot be asked.</exception>
    public static long? Run(VolumeShare[] shares, BlobName name, DateTimeOffset now)
    {
        long? held = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var copies = VolumeShare.FindCertainly(shares, name);
            if (copies.Count == 0)
            {
                return held;
            }

            foreach (var copy in copies.OrderByDescending(copy => copy.Length))
            {
                var share = Array.Find(shares, share => share.Vault == copy.Vault)!;
                if (held is null)
                {
                    held = share.Hold(name, now);
                }
                else
                {
                    share.Delete(name);
                }
            }
        }

        throw new BlobStoreException(BlobStoreFault.DiskError, $"{name} is being moved faster than it can be deleted. Try again.");
    }
}
