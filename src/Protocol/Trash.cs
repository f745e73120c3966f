namespace Halley.Protocol;

/// <summary>A deleted file that is held.</summary>
/// <param name="Key">Unique in the trash of the bucket. Lists are in its order, and <c>after</c> takes it.</param>
/// <param name="Name">Its name in the vault, as in URLs: <c>config</c> or <c>data/</c> and 64 hex digits.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="DeletedAt">UTC time at which it was deleted, by the server's clock.</param>
/// <param name="DueAt">Earliest UTC time of its permanent removal, as far as is known now.</param>
/// <param name="VolumeId">Volume that it is on.</param>
public sealed record TrashedFile(string Key, string Name, long Bytes, DateTime DeletedAt, DateTime DueAt, Guid VolumeId);

/// <summary>Restores deleted files, selected either by name or by time.</summary>
/// <param name="Names">Their names, as in <see cref="TrashedFile.Name"/>; at most 10 000.</param>
/// <param name="DeletedSince">UTC time: selects everything deleted then or later.</param>
public sealed record RestoreTrash(IReadOnlyList<string>? Names = null, DateTime? DeletedSince = null);

/// <summary>The result of a restore of deleted files.</summary>
/// <param name="Restored">Files that are back in the bucket.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Present">Files that the bucket already has.</param>
/// <param name="Missing">Names that are not in the trash.</param>
/// <param name="Corrupt">Files whose content does not match their name; they stay in the trash.</param>
/// <param name="Task">The task that does the work when there is much; it then has the numbers. Null when the work is done.</param>
public sealed record TrashRestored(long Restored, long Bytes, long Present, long Missing, long Corrupt, TaskInfo? Task = null);

/// <summary>A bucket that was deleted as a whole and is held.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DeletedAt">UTC time at which it was deleted (last), by the server's clock.</param>
/// <param name="DueAt">Earliest UTC time of its permanent removal.</param>
public sealed record DeletedBucket(string Id, DateTime DeletedAt, DateTime DueAt);

/// <summary>
/// Restores a deleted bucket with its trash. Its keys, label and quota were forgotten when it was deleted. It gets a new key, and its hold
/// is the same as before.
/// </summary>
/// <param name="Label">Name for people, at most 200 characters.</param>
/// <param name="OrganizationId">Organization it is for; null or empty for the top level.</param>
/// <param name="KeyMode">Mode of its new key; full when absent.</param>
/// <param name="KeyHash">Hash of a key that only the client knows, such as the one it had; null when the server generates one.</param>
/// <param name="KeyHashFormat">Format of <paramref name="KeyHash"/>; 1 = bcrypt over base64(SHA-512(key text)).</param>
public sealed record RestoreBucket(
    string? Label = null, string? OrganizationId = null, BucketKeyMode KeyMode = BucketKeyMode.Full, string? KeyHash = null,
    int? KeyHashFormat = null);

/// <summary>The size of a bucket on one day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Bytes">Bytes of its files at the end of that day; for today as of the last hour.</param>
/// <param name="Files">Number of its files.</param>
/// <param name="TrashBytes">Bytes of its deleted files that are held.</param>
/// <param name="DeletedFiles">Files that clients deleted on that day, locks not counted.</param>
public sealed record BucketDayInfo(DateOnly Day, long Bytes, long Files, long TrashBytes, long DeletedFiles);
