using System.Text.Json.Serialization;

namespace Halley.Cli.Output;

// The JSON of restic 0.17, which other programs read: https://restic.readthedocs.io/en/stable/075_scripting.html

/// <summary>A message whose kind stands in it.</summary>
internal abstract record Message([property: JsonPropertyOrder(-1)] string MessageType);

internal sealed record ErrorText(string Message);

internal sealed record ErrorMessage(ErrorText Error, string During, string Item) : Message("error");

internal sealed record ExitError(int Code, string Message) : Message("exit_error");

internal sealed record Initialized(string Id, string Repository) : Message("initialized");

internal sealed record BackupStatus(
    ulong SecondsElapsed, ulong? SecondsRemaining, double PercentDone, long? TotalFiles, long FilesDone, long? TotalBytes, long BytesDone,
    int ErrorCount, IReadOnlyList<string> CurrentFiles) : Message("status");

internal sealed record BackupItem(string Action, string Item, ulong DataSize) : Message("verbose_status");

internal sealed record BackupSummary(
    bool? DryRun, ulong FilesNew, ulong FilesChanged, ulong FilesUnmodified, ulong DirsNew, ulong DirsChanged, ulong DirsUnmodified,
    ulong DataBlobs, ulong TreeBlobs, ulong DataAdded, ulong DataAddedPacked, ulong TotalFilesProcessed, ulong TotalBytesProcessed,
    string? BackupStart, string? BackupEnd, double TotalDuration, string? SnapshotId) : Message("summary");

internal sealed record RestoreStatus(
    ulong SecondsElapsed, double PercentDone, long TotalFiles, long FilesRestored, long FilesSkipped, long FilesDeleted, long TotalBytes,
    long BytesRestored, long BytesSkipped) : Message("status");

internal sealed record RestoreSummary(
    ulong SecondsElapsed, double PercentDone, long TotalFiles, long FilesRestored, long FilesSkipped, long FilesDeleted, long TotalBytes,
    long BytesRestored, long BytesSkipped) : Message("summary");

internal sealed record RestoreItem(string Action, string Item, ulong Size) : Message("verbose_status");

internal sealed record CheckError(string Message) : Message("error");

internal sealed record CheckSummary(
    int NumErrors, IReadOnlyList<string>? BrokenPacks, bool SuggestRepairIndex, bool SuggestPrune) : Message("summary");

internal sealed record VersionMessage(string Version, string GoVersion, string GoOs, string GoArch) : Message("version");

/// <summary>Ours: the account of this machine.</summary>
internal sealed record AccountMessage(
    bool SignedIn, string? Server, string? Username, string? DeviceId, string? SessionEndsAt, bool? KeepsKeys) : Message("account");

/// <summary>Ours: a vault of the account.</summary>
internal sealed record VaultObject(string Id, string Name, string Place, bool SetUp, bool Supported);

/// <summary>Ours: a provider of vaults.</summary>
internal sealed record ProviderObject(string Id, string Name, string Type, bool ThisServer, long? LimitBytes);

/// <summary>Ours: something was done with a vault of the account: requested, added, moved, split, rotated, removed.</summary>
internal sealed record VaultChanged(string Action, string Id, string Name, string Place) : Message("vault");

internal sealed record SnapshotObject(
    string Time, string? Parent, string Tree, IReadOnlyList<string> Paths, string Hostname, string Username, uint? Uid, uint? Gid,
    IReadOnlyList<string>? Excludes, IReadOnlyList<string>? Tags, string? Original, string? ProgramVersion, SummaryObject? Summary,
    string Id, string ShortId);

internal sealed record SummaryObject(
    string? BackupStart, string? BackupEnd, ulong FilesNew, ulong FilesChanged, ulong FilesUnmodified, ulong DirsNew, ulong DirsChanged,
    ulong DirsUnmodified, ulong DataBlobs, ulong TreeBlobs, ulong DataAdded, ulong DataAddedPacked, ulong TotalFilesProcessed,
    ulong TotalBytesProcessed);

internal sealed record GroupKey(string? Hostname, IReadOnlyList<string>? Paths, IReadOnlyList<string>? Tags);

internal sealed record SnapshotGroup(GroupKey GroupKey, IReadOnlyList<SnapshotObject> Snapshots);

internal sealed record ListedSnapshot(
    string Time, string? Parent, string Tree, IReadOnlyList<string> Paths, string Hostname, string Username, uint? Uid, uint? Gid,
    IReadOnlyList<string>? Excludes, IReadOnlyList<string>? Tags, string? Original, string? ProgramVersion, SummaryObject? Summary,
    string Id, string ShortId, string StructType = "snapshot") : Message("snapshot");

internal sealed record ListedNode(
    string Name, string Type, string Path, uint Uid, uint Gid, ulong? Size, uint? Mode, string? Permissions, string? Mtime, string? Atime,
    string? Ctime, ulong? Inode, string StructType = "node") : Message("node");

internal sealed record FoundNode(
    string Path, string Permissions, string Name, string Type, uint? Mode, string? Mtime, string? Atime, string? Ctime, uint Uid, uint Gid,
    string? User, string? Group, ulong? Inode, ulong? DeviceId, ulong? Size, ulong? Links, string? LinkTarget);

internal sealed record FoundInSnapshot(IReadOnlyList<FoundNode> Matches, int Hits, string Snapshot);

internal sealed record DiffChange(string Path, string Modifier) : Message("change");

internal sealed record DiffStat(long Files, long Dirs, long Others, ulong Bytes);

internal sealed record DiffStatistics(
    string SourceSnapshot, string TargetSnapshot, long ChangedFiles, DiffStat Added, DiffStat Removed) : Message("statistics");

internal sealed record StatsObject(
    ulong TotalSize, ulong? TotalUncompressedSize, double? CompressionRatio, double? CompressionProgress, double? CompressionSpaceSaving,
    ulong? TotalBlobCount, ulong? TotalFileCount, int SnapshotsCount);

internal sealed record KeepReason(SnapshotObject Snapshot, IReadOnlyList<string> Matches);

internal sealed record ForgetGroup(
    IReadOnlyList<string>? Tags, string? Host, IReadOnlyList<string>? Paths, IReadOnlyList<SnapshotObject> Keep,
    IReadOnlyList<SnapshotObject> Remove, IReadOnlyList<KeepReason> Reasons);

internal sealed record TagChanged(string OldSnapshotId, string NewSnapshotId) : Message("changed");

internal sealed record TagSummary(int ChangedSnapshots) : Message("summary");

/// <summary>Ours, as the messages below: a snapshot was copied, or existed already.</summary>
internal sealed record CopyItem(string Action, string SourceSnapshotId, string TargetSnapshotId) : Message("verbose_status");

internal sealed record CopySummary(int SnapshotsCopied, int SnapshotsUnchanged) : Message("summary");

internal sealed record PruneSummary(
    bool DryRun, long BlobsUsed, long BlobsUnused, long BlobsDuplicate, long PacksKept, long PacksRepacked, long PacksDeleted,
    int PacksMissing, long BytesUsed, long BytesUnused, long BytesFreed, long BytesUnusedLeft) : Message("summary");

internal sealed record ReindexSummary(bool DryRun, int PacksAdded, int PacksRemoved, int PacksDamaged, bool Changed) : Message("summary");

internal sealed record VaultFileItem(string File, string Message, string? KeptAs) : Message("damaged_file");

internal sealed record LostItem(string Path, string Message);

internal sealed record HurtSnapshotItem(string SnapshotId, string? NewSnapshotId, IReadOnlyList<LostItem> Lost) : Message("hurt_snapshot");

internal sealed record RepairSummary(
    bool DryRun, int DamagedFiles, int HurtSnapshots, int PacksIndexed, int BlobsSaved, bool Whole) : Message("summary");

internal sealed record HealedPackItem(string File, string Message, int BlobsLost, int BlobsHealed, bool Forgotten) : Message("healed_pack");

internal sealed record HealingSummary(int BadPacks, int BlobsHealed, int HurtSnapshots, bool Whole) : Message("summary");

/// <summary>Kind and status as numbers of the vendor's documents, and in words. Times are Unix seconds.</summary>
internal sealed record JobObject(
    string Id, long Classification, string Kind, long Status, string StatusText, long Started, long? Ended, string Source,
    string Destination, string SnapshotId, long TotalFiles, long TotalSize, long UploadSize, long DownloadSize);

internal sealed record JobLine(long Time, string Severity, string Message);

internal sealed record UpdateMessage(string Version, string? Offered, bool Installed) : Message("update");

/// <summary>The only objects of restic whose members are not in snake case.</summary>
internal sealed record KeyObject(
    bool Current, string Id, [property: JsonPropertyName("userName")] string UserName,
    [property: JsonPropertyName("hostName")] string HostName, string Created);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(ExitError))]
[JsonSerializable(typeof(Initialized))]
[JsonSerializable(typeof(BackupStatus))]
[JsonSerializable(typeof(BackupItem))]
[JsonSerializable(typeof(BackupSummary))]
[JsonSerializable(typeof(RestoreStatus))]
[JsonSerializable(typeof(RestoreSummary))]
[JsonSerializable(typeof(RestoreItem))]
[JsonSerializable(typeof(CheckError))]
[JsonSerializable(typeof(CheckSummary))]
[JsonSerializable(typeof(VersionMessage))]
[JsonSerializable(typeof(AccountMessage))]
[JsonSerializable(typeof(IReadOnlyList<VaultObject>))]
[JsonSerializable(typeof(IReadOnlyList<ProviderObject>))]
[JsonSerializable(typeof(VaultChanged))]
[JsonSerializable(typeof(IReadOnlyList<SnapshotObject>))]
[JsonSerializable(typeof(IReadOnlyList<SnapshotGroup>))]
[JsonSerializable(typeof(ListedSnapshot))]
[JsonSerializable(typeof(ListedNode))]
[JsonSerializable(typeof(IReadOnlyList<FoundInSnapshot>))]
[JsonSerializable(typeof(DiffChange))]
[JsonSerializable(typeof(DiffStatistics))]
[JsonSerializable(typeof(StatsObject))]
[JsonSerializable(typeof(IReadOnlyList<ForgetGroup>))]
[JsonSerializable(typeof(TagChanged))]
[JsonSerializable(typeof(TagSummary))]
[JsonSerializable(typeof(CopyItem))]
[JsonSerializable(typeof(CopySummary))]
[JsonSerializable(typeof(PruneSummary))]
[JsonSerializable(typeof(ReindexSummary))]
[JsonSerializable(typeof(VaultFileItem))]
[JsonSerializable(typeof(HurtSnapshotItem))]
[JsonSerializable(typeof(RepairSummary))]
[JsonSerializable(typeof(HealedPackItem))]
[JsonSerializable(typeof(HealingSummary))]
[JsonSerializable(typeof(UpdateMessage))]
[JsonSerializable(typeof(IReadOnlyList<KeyObject>))]
[JsonSerializable(typeof(IReadOnlyList<JobObject>))]
[JsonSerializable(typeof(JobLine))]
internal sealed partial class MessageJson : JsonSerializerContext;
