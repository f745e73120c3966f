using Halley.Client.Repository;
using Halley.Client.Repository.Snapshots;
using Halley.Storage;

namespace Halley.Client.Repair;

/// <summary>A file of the vault that is damaged or missing.</summary>
/// <param name="File">Its name.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
public sealed record DamagedFile(BlobName File, string Reason)
{
    /// <summary>Its name among the files set aside; null when it was not set aside.</summary>
    public BlobName? KeptAs { get; init; }
}

/// <summary>A file or directory of a snapshot that is lost.</summary>
/// <param name="Path">Its path in the snapshot. Of a lost directory all is lost.</param>
/// <param name="Reason">Why, as a sentence.</param>
public sealed record LostEntry(string Path, string Reason);

/// <summary>A snapshot that has lost something.</summary>
/// <param name="Id">The name that it had.</param>
/// <param name="Snapshot">What it was.</param>
/// <param name="Lost">The files and directories that are lost, in the order of the tree.</param>
/// <param name="NewId">Its new name without them; null when it goes as a whole, or in a dry run.</param>
public sealed record HurtSnapshot(BlobId Id, Snapshot Snapshot, IReadOnlyList<LostEntry> Lost, BlobId? NewId);

/// <summary>What a repair did, or would do.</summary>
public sealed record RepairResult
{
    /// <summary>Files of the vault that are damaged or missing.</summary>
    public IReadOnlyList<DamagedFile> DamagedFiles { get; init; } = [];

    /// <summary>Snapshots that have lost something.</summary>
    public IReadOnlyList<HurtSnapshot> HurtSnapshots { get; init; } = [];

    /// <summary>Packs that the index now knows, or knows better.</summary>
    public int PacksIndexed { get; init; }

    /// <summary>Blobs that were saved from damaged packs.</summary>
    public int BlobsSaved { get; init; }

    /// <summary>
    /// True when nothing is wrong any more, apart from damaged key files, which are left alone. Always false in a dry run that found
    /// something.
    /// </summary>
    public bool IsWhole { get; init; }

    internal RepairResult Plus(RepairResult later) => new()
    {
        DamagedFiles = [.. DamagedFiles.Concat(later.DamagedFiles).DistinctBy(file => file.File)],
        HurtSnapshots = [.. HurtSnapshots, .. later.HurtSnapshots],
        PacksIndexed = PacksIndexed + later.PacksIndexed,
        BlobsSaved = BlobsSaved + later.BlobsSaved,
        IsWhole = later.IsWhole,
    };
}
