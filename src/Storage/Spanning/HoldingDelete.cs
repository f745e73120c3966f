namespace Halley.Storage.Spanning;

/// <summary>
/// Deletes a file and holds one copy of it. The longest copy goes to the trash of its volume: while another process copies the file
/// between volumes, that is the complete one. The other copies are deleted once it is safe in the trash.
/// </summary>
internal static class HoldingDelete
{
    private const int Attempts = 4;

    /// <summary>Returns the length of the held copy; null when the file did not exist. The caller must hold the file's gate.</summary>
    /// <exception cref="BlobStoreException">A copy may still exist, or a volume is unavailable.</exception>
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
