namespace Halley.Client.Repository.Snapshots;

/// <summary>
/// A finished backup: its time, its sources, and the tree of its root. Members that other programs added are kept when a snapshot is
/// written again.
/// </summary>
public sealed record Snapshot
{
    /// <summary>When the backup began, in the zone of its machine.</summary>
    public required VaultTime Time { get; init; }

    /// <summary>The snapshot that it was compared with; null for none.</summary>
    public BlobId? Parent { get; init; }

    /// <summary>The tree of its root: one node for each top-level directory of the paths.</summary>
    public required BlobId Tree { get; init; }

    /// <summary>The sources of the backup: absolute paths.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Name of the machine; empty when it is unknown.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Name of the user; empty when it is unknown.</summary>
    public string UserName { get; init; } = "";

    /// <summary>Number of the user; 0 for root and when it is unknown.</summary>
    public uint UserId { get; init; }

    /// <summary>Number of the group; 0 for root's and when it is unknown.</summary>
    public uint GroupId { get; init; }

    /// <summary>Patterns that were left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Words that people gave it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>
    /// The first version of a snapshot that was written again, with other tags for example; null for the first version itself.
    /// </summary>
    public BlobId? Original { get; init; }

    /// <summary>The program that created it, like <c>halley 0.1.0</c>; empty when unknown.</summary>
    public string ProgramVersion { get; init; } = "";

    /// <summary>The statistics of the backup; null when unknown.</summary>
    public SnapshotSummary? Summary { get; init; }

    /// <summary>Members that this program does not know, each <c>"name":value</c>, in their order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> UnknownMembers { get; init; } = [];

    /// <summary>The same, marked as one from which something is missing.</summary>
    internal Snapshot AsPartial() => UnknownMembers.Any(member => member.Span.SequenceEqual(PartialMember))
        ? this
        : this with { UnknownMembers = [.. UnknownMembers, PartialMember.ToArray()] };

    private static ReadOnlySpan<byte> PartialMember => "\"partial\":true"u8;
}

/// <summary>The statistics of a backup. Other programs leave some of them out.</summary>
public sealed record SnapshotSummary
{
    /// <summary>When it began.</summary>
    public VaultTime? BackupStart { get; init; }

    /// <summary>When it ended.</summary>
    public VaultTime? BackupEnd { get; init; }

    /// <summary>Files that the parent did not have.</summary>
    public ulong FilesNew { get; init; }

    /// <summary>Files that the parent had otherwise.</summary>
    public ulong FilesChanged { get; init; }

    /// <summary>Files that the parent had.</summary>
    public ulong FilesUnmodified { get; init; }

    /// <summary>Directories that the parent did not have.</summary>
    public ulong DirectoriesNew { get; init; }

    /// <summary>Directories that the parent had otherwise.</summary>
    public ulong DirectoriesChanged { get; init; }

    /// <summary>Directories that the parent had.</summary>
    public ulong DirectoriesUnmodified { get; init; }

    /// <summary>New data blobs.</summary>
    public ulong DataBlobs { get; init; }

    /// <summary>New tree blobs.</summary>
    public ulong TreeBlobs { get; init; }

    /// <summary>New plain text, in bytes.</summary>
    public ulong DataAdded { get; init; }

    /// <summary>Size of that data in packs, in bytes.</summary>
    public ulong DataAddedPacked { get; init; }

    /// <summary>All files.</summary>
    public ulong TotalFilesProcessed { get; init; }

    /// <summary>Bytes of all files.</summary>
    public ulong TotalBytesProcessed { get; init; }

    /// <summary>Members that this program does not know, each <c>"name":value</c>, in their order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> UnknownMembers { get; init; } = [];
}
