using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>A pack that is missing or damaged, and what became of its blobs.</summary>
/// <param name="File">Its name.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
/// <param name="BlobsLost">Blobs that no other pack had.</param>
/// <param name="BlobsHealed">How many of them are stored again.</param>
/// <param name="IsForgotten">True when no index names it any more, because nothing of it is needed.</param>
public sealed record HealedPack(BlobName File, string Reason, int BlobsLost, int BlobsHealed, bool IsForgotten);

/// <summary>What was healed, and what could not be.</summary>
public sealed record HealingResult
{
    /// <summary>The packs that are missing or damaged.</summary>
    public IReadOnlyList<HealedPack> Packs { get; init; } = [];

    /// <summary>Blobs that are stored again.</summary>
    public int BlobsHealed { get; init; }

    /// <summary>Snapshots that still lack something, each with the files and directories that could not be healed.</summary>
    public IReadOnlyList<HurtSnapshot> HurtSnapshots { get; init; } = [];

    /// <summary>Snapshots and index files that cannot be read, so that it is not known what they need or have.</summary>
    public IReadOnlyList<DamagedFile> Unreadable { get; init; } = [];

    /// <summary>True when all snapshots can be read and each has all it needs.</summary>
    public bool IsWhole => HurtSnapshots.Count == 0 && Unreadable.Count == 0;
}
