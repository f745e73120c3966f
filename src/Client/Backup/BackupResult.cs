using Halley.Client.Repository;
using Halley.Client.Repository.Locks;
using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Backup;

/// <summary>How far a backup has come.</summary>
/// <param name="Files">Files that are done.</param>
/// <param name="Bytes">Bytes that are done, those of unchanged files as well.</param>
/// <param name="BytesAdded">New bytes in packs.</param>
/// <param name="Warnings">How many warnings there are.</param>
/// <param name="Current">A path that is being worked on.</param>
/// <param name="Total">What there is in all; null when that is not known, or not yet.</param>
public readonly record struct BackupProgress(
    long Files, long Bytes, long BytesAdded, int Warnings, string Current, BackupTotal? Total);

/// <summary>What a backup will find, as far as it does not change meanwhile.</summary>
/// <param name="Files">Files.</param>
/// <param name="Bytes">Bytes in them.</param>
public sealed record BackupTotal(long Files, long Bytes);

/// <summary>What a backup makes of a file or directory.</summary>
public enum BackupAction
{
    /// <summary>The snapshot that is compared with does not have it.</summary>
    New,

    /// <summary>Its content is other than in the snapshot that is compared with.</summary>
    Modified,

    /// <summary>Its content is the same.</summary>
    Unchanged,
}

/// <summary>A file or directory that is done.</summary>
/// <param name="Path">Its path; bytes that are not UTF-8 look like �.</param>
/// <param name="Action">What the backup makes of it.</param>
/// <param name="Size">Bytes of a file.</param>
public readonly record struct BackedUpItem(string Path, BackupAction Action, ulong Size);

/// <summary>Something that is not in the backup as it should be.</summary>
/// <param name="Path">Which path; bytes that are not UTF-8 look like �.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record BackupWarning(string Path, string Message);

/// <summary>A backup that has ended.</summary>
/// <param name="Id">Name of the snapshot; null when none was made because nothing changed.</param>
/// <param name="Snapshot">The snapshot, made or not; its summary has the numbers.</param>
/// <param name="Warnings">What could not be read, and which files changed while they were read.</param>
/// <param name="IsPartial">True when something that was to be backed up is missing. The snapshot says so, too.</param>
/// <param name="Chunks">Chunks of all its files, those that others have as well.</param>
public sealed record BackupResult(
    BlobId? Id, Snapshot Snapshot, IReadOnlyList<BackupWarning> Warnings, bool IsPartial, long Chunks);

/// <summary>What became of a request for a backup.</summary>
/// <param name="Result">The backup; null when others hold a lock that is in the way.</param>
/// <param name="Conflicts">The locks that are in the way.</param>
public sealed record BackupOutcome(BackupResult? Result, IReadOnlyList<LockEntry> Conflicts);
