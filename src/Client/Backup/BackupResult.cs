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
public readonly record struct BackupProgress(long Files, long Bytes, long BytesAdded, int Warnings, string Current);

/// <summary>Something that is not in the backup as it should be.</summary>
/// <param name="Path">Which path; bytes that are not UTF-8 look like �.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record BackupWarning(string Path, string Message);

/// <summary>A backup that has ended.</summary>
/// <param name="Id">Name of the snapshot.</param>
/// <param name="Snapshot">The snapshot; its summary has the numbers.</param>
/// <param name="Warnings">What could not be read, and which files changed while they were read.</param>
/// <param name="IsPartial">True when something that was to be backed up is missing. The snapshot says so, too.</param>
public sealed record BackupResult(BlobId Id, Snapshot Snapshot, IReadOnlyList<BackupWarning> Warnings, bool IsPartial);

/// <summary>What became of a request for a backup.</summary>
/// <param name="Result">The backup; null when others hold a lock that is in the way.</param>
/// <param name="Conflicts">The locks that are in the way.</param>
public sealed record BackupOutcome(BackupResult? Result, IReadOnlyList<LockEntry> Conflicts);
