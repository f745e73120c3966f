using Halley.Client.Repository;
using Halley.Storage;

namespace Halley.Client.Checking;

/// <summary>What is wrong with a vault.</summary>
public enum VaultFindingKind
{
    /// <summary>A snapshot, index, key or packindex file is not what it was when it was written.</summary>
    DamagedFile,

    /// <summary>An index names a pack that does not exist.</summary>
    MissingPack,

    /// <summary>No index names a pack. Harmless: an interrupted backup leaves such packs.</summary>
    ExtraPack,

    /// <summary>A pack is longer or shorter than its index says.</summary>
    WrongPackSize,

    /// <summary>The content of a pack is not what its name says.</summary>
    DamagedPack,

    /// <summary>A pack's own list of its blobs is not what its index says.</summary>
    OtherHeader,

    /// <summary>A blob of a pack cannot be decoded.</summary>
    DamagedBlob,

    /// <summary>A blob that a snapshot needs is in no index.</summary>
    MissingBlob,

    /// <summary>A directory of a snapshot cannot be read or makes no sense.</summary>
    DamagedTree,
}

/// <summary>Something that is wrong with a vault.</summary>
/// <param name="Kind">What.</param>
/// <param name="File">The file of the vault; null when it is none of one file.</param>
/// <param name="Blob">The blob; null when it is the whole file.</param>
/// <param name="Snapshot">A snapshot that is damaged by it; null when it is none, or when that is not known.</param>
/// <param name="Message">What is wrong, and what to do, as sentences.</param>
public sealed record VaultFinding(VaultFindingKind Kind, BlobName? File, BlobId? Blob, BlobId? Snapshot, string Message)
{
    /// <summary>False for what only takes room.</summary>
    public bool IsDamage => Kind != VaultFindingKind.ExtraPack;
}
