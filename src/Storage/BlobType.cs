namespace Halley.Storage;

/// <summary>
/// The kinds of file in a vault. All but <see cref="Config"/> are collections of files that are named by the SHA-256 of their content.
/// Source: restic repository format 2 ("design.rst", Repository Layout); <see cref="PackIndex"/> is this project's own.
/// </summary>
public enum BlobType
{
    /// <summary>The one file that makes a vault: its id, version and chunker parameters, encrypted. Never replaced.</summary>
    Config,

    /// <summary>Packs of encrypted chunks, 4 to 128 MiB.</summary>
    Data,

    /// <summary>The pack of each chunk. Can be rebuilt from the packs.</summary>
    Index,

    /// <summary>The master key, encrypted once per password.</summary>
    Keys,

    /// <summary>Clients at work on the vault. A missing lock endangers a running backup, so a listing is never short.</summary>
    Locks,

    /// <summary>One file per finished backup.</summary>
    Snapshots,

    /// <summary>Which packs a snapshot needs: makes some client operations faster; losing it is harmless.</summary>
    PackIndex,
}
