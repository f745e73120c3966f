namespace Halley.Storage.Disk;

/// <summary>Chooses the volumes for an upload.</summary>
internal interface IUploadPlacement
{
    /// <summary>
    /// The folder to write to: the first one, or another after <paramref name="failure"/> of the one before. Null when none is left.
    /// </summary>
    VaultDirectory? Next(Exception? failure);

    /// <summary>Makes sure that there is room for the first <paramref name="bytes"/> of the file. False when there is too little.</summary>
    bool TryCover(long bytes);

    /// <summary>Why the last <see cref="Next"/> found no folder.</summary>
    PutOutcome Shortage { get; }

    /// <summary>The current copies of a file, complete or not. For config, every volume has certainly been checked.</summary>
    IReadOnlyList<BlobCopy> CopiesOf(BlobName name);

    /// <summary>Held while a vault's config is looked for and published, which several folders cannot do in one step.</summary>
    Lock ConfigGate { get; }
}

/// <summary>A file in a folder.</summary>
internal readonly record struct BlobCopy(VaultDirectory Vault, long Length);
