using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>The files of one bucket on one volume. Every error of the disk is translated: the volume is gone, or the disk failed.</summary>
internal sealed class VolumeShare(Volume volume, VaultDirectory vault)
{
    public Volume Volume => volume;

    public VaultDirectory Vault => vault;

    /// <summary>A file must move this many times during one search to be overlooked.</summary>
    private const int Rounds = 4;

    /// <summary>
    /// The copies of a file; empty only when it is certain that none exists.
    /// </summary>
    /// <exception cref="BlobStoreException">A volume that may have one is unavailable.</exception>
    public static IReadOnlyList<BlobCopy> FindCertainly(VolumeShare[] shares, BlobName name)
    {
        var found = new List<BlobCopy>();
        for (var round = 0; round < RoundsOver(shares) && found.Count == 0; round++)
        {
            foreach (var share in shares)
            {
                if (share.Volume.Problem is null && share.Length(name) is { } length)
                {
                    found.Add(new BlobCopy(share.Vault, length));
                }
            }
        }

        EnsureAllOnline(shares);
        return found;
    }

    /// <summary>How often all volumes are searched before a file counts as absent: it may be moving from one to another.</summary>
    public static int RoundsOver(VolumeShare[] shares) => shares.Length == 1 ? 1 : Rounds;

    /// <summary>Refuses without asking a disk.</summary>
    /// <exception cref="BlobStoreException">One was offline when it was last looked at.</exception>
    public static void EnsureNoneIsKnownToBeOffline(VolumeShare[] shares)
    {
        if (Array.Find(shares, share => share.Volume.Problem is not null) is { } away)
        {
            throw away.Volume.Offline();
        }
    }

    /// <summary>Throws unless every volume is online, because only then is "not found" true.</summary>
    /// <exception cref="BlobStoreException">One is offline.</exception>
    public static void EnsureAllOnline(VolumeShare[] shares)
    {
        foreach (var share in shares)
        {
            share.Volume.EnsureOnline();
        }

        if (shares.Length == 0)
        {
            throw new BlobStoreException(BlobStoreFault.Offline, "There is no volume yet.");
        }
    }

    public long? Length(BlobName name) => Ask(name, static (vault, name) => vault.Length(name));

    public DiskBlobReader? Open(BlobName name) => Ask(name, static (vault, name) => vault.Open(name));

    /// <summary>Moves a file to the trash of its volume and returns its length; null when it does not exist.</summary>
    public long? Hold(BlobName name, DateTimeOffset now) => Ask((name, now), static (vault, file) => vault.Hold(file.name, file.now));

    public long? Delete(BlobName name) => Ask(name, static (vault, name) => vault.Delete(name));

    private TResult Ask<TArgument, TResult>(TArgument argument, Func<VaultDirectory, TArgument, TResult> question)
    {
        try
        {
            return question(vault, argument);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw volume.Explain(error);
        }
    }
}
