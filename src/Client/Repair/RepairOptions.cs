using Halley.Client.Checking;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>What becomes of a snapshot that has lost something.</summary>
public enum LossPolicy
{
    /// <summary>It stays without the files that are lost, and is marked as partial.</summary>
    DropFiles,

    /// <summary>It goes as a whole.</summary>
    DropSnapshots,
}

/// <summary>How a vault is repaired.</summary>
public sealed record RepairOptions
{
    /// <summary>Only say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>
    /// Reads all packs byte by byte in search of damage. Otherwise only packs are found that are missing, have another size, or hold a
    /// directory that cannot be read.
    /// </summary>
    public bool ReadsData { get; init; } = true;

    /// <summary>What becomes of snapshots that have lost something.</summary>
    public LossPolicy Losses { get; init; }

    /// <summary>
    /// Where damaged files are set aside, each under the SHA-256 of the content that it has now: a local directory, for example. Null to
    /// delete them without a copy.
    /// </summary>
    public IBlobStore? Aside { get; init; }

    /// <summary>Receives the number of packs that were looked at, and of all, from one thread at a time.</summary>
    public Action<int, int>? OnPack { get; init; }
}
