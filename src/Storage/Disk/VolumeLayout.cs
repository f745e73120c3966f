namespace Halley.Storage.Disk;

/// <summary>The names in the root of a volume.</summary>
internal static class VolumeLayout
{
    /// <summary>One folder per bucket, each in the layout of a vault.</summary>
    public const string Buckets = "buckets";

    /// <summary>Deleted files that are not yet removed.</summary>
    public const string Trash = ".trash";

    /// <summary>
    /// In the trash: folders of whole buckets. Created in advance, so that a bucket can be deleted when the disk is full.
    /// </summary>
    public static readonly string BucketTrash = Path.Combine(Trash, "buckets");

    /// <summary>In the trash: a folder per bucket with the files that were deleted of it and are held.</summary>
    public static readonly string FileTrash = Path.Combine(Trash, "files");

    /// <summary>Files whose content cannot match their name, kept for an administrator to examine.</summary>
    public const string Quarantine = ".quarantine";

    /// <summary>The file that carries the volume's id.</summary>
    public const string Marker = "halley-volume.json";

    /// <summary>The file that names the server that uses the volume.</summary>
    public const string Owner = "halley-owner.json";

    /// <summary>Creates the folders that every volume has.</summary>
    public static void CreateFolders(DiskCalls disk, FlushPolicy flush, string volume)
    {
        foreach (var name in new[] { Buckets, BucketTrash, FileTrash, Quarantine, StagingDirectory.Name })
        {
            DurableDirectory.Create(disk, flush, Path.Combine(volume, name));
        }
    }
}
