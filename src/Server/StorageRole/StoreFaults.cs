using Halley.Storage;

namespace Halley.Server.StorageRole;

/// <summary>The codes that programs get when a store could not do its work.</summary>
internal static class StoreFaults
{
    public const string VolumeOffline = "volume_offline";
    public const string TooManyOpenFiles = "too_many_open_files";
    public const string DiskError = "disk_error";

    public static string CodeOf(BlobStoreException failure) => failure.Fault switch
    {
        BlobStoreFault.Offline => VolumeOffline,
        BlobStoreFault.Exhausted => TooManyOpenFiles,
        _ => DiskError,
    };
}
