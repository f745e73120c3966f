using Halley.Storage.Disk;

namespace Halley.Storage.Spanning;

/// <summary>What one volume holds of one bucket. Every error of its disk comes out as what it means for the volume.</summary>
internal sealed class VolumeShare(Volume volume, VaultDirectory vault)
{
    public Volume Volume => volume;

    public VaultDirectory Vault => vault;

    public long? Length(BlobName name)
    {
        try
        {
            return vault.Length(name);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw volume.Explain(error);
        }
    }

    public DiskBlobReader? Open(BlobName name)
    {
        try
        {
            return vault.Open(name);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw volume.Explain(error);
        }
    }

    public long? Delete(BlobName name)
    {
        try
        {
            return vault.Delete(name);
        }
        catch (Exception error) when (Errno.IsDiskError(error))
        {
            throw volume.Explain(error);
        }
    }
}
