using Halley.Client.Repository;
using Halley.Client.Selection;

namespace Halley.Client.Backup;

/// <summary>Content that comes from no file: standard input, or the output of a program.</summary>
/// <param name="Content">The content; read once, to its end.</param>
/// <param name="FileName">The name of the file that it becomes, at the root of the snapshot.</param>
public sealed record BackupInput(Stream Content, string FileName);

/// <summary>A directory of which only some files are backed up.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Rule">Which files: it looks at their paths from the directory on, with a slash in front.</param>
public sealed record PartialDirectory(string Path, PathRule Rule);

/// <summary>In which directories everything but a marker is left out.</summary>
/// <param name="FileName">The name of the marker.</param>
/// <param name="Header">What it begins with; empty if its name alone is enough.</param>
public sealed record BackupMarker(string FileName, string Header = "")
{
    /// <summary>Marks caches: https://bford.info/cachedir/</summary>
    public static BackupMarker CacheDirectory { get; } = new("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
}

/// <summary>What is backed up, and how.</summary>
public sealed record BackupOptions
{
    /// <summary>
    /// Files and directories. What they name is backed up whatever the rules say of it. The snapshot has a relative path under its own
    /// names, as restic's: <c>../a/b</c> as <c>/a/b</c>, and <c>.</c> as the entries of the directory.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The absolute path of the directory in which relative paths begin (default: the current directory).</summary>
    public string Directory { get; init; } = Environment.CurrentDirectory;

    /// <summary>
    /// Directories of which only some files are backed up, beside <see cref="Paths"/>. Their subdirectories are backed up, too. A file that
    /// is in several of them needs one rule that matches it.
    /// </summary>
    public IReadOnlyList<PartialDirectory> Partial { get; init; } = [];

    /// <summary>Streams to be backed up instead of paths; they are read one after the other.</summary>
    public IReadOnlyList<BackupInput> Inputs { get; init; } = [];

    /// <summary>
    /// What is left out. The last rule that matches a path decides. Of a directory that is left out nothing is looked at.
    /// </summary>
    public IReadOnlyList<PathRule> Rules { get; init; } = [];

    /// <summary>Markers of directories whose content is left out.</summary>
    public IReadOnlyList<BackupMarker> Markers { get; init; } = [];

    /// <summary>Leave out files with more bytes; null for none.</summary>
    public long? LargestFile { get; init; }

    /// <summary>Stay on the file system of each path; directories where others are mounted become empty.</summary>
    public bool IsOneFileSystem { get; init; }

    /// <summary>The snapshot to compare with; null for the newest one of this host with these paths.</summary>
    public BlobId? Parent { get; init; }

    /// <summary>Read every file, whatever an earlier snapshot says.</summary>
    public bool ReadsEverything { get; init; }

    /// <summary>Do not compare the time of the last change of metadata: for file systems and tools that change it at will.</summary>
    public bool IgnoresChangeTime { get; init; }

    /// <summary>Compare neither that time nor inode numbers: for file systems whose inode numbers change.</summary>
    public bool IgnoresInode { get; init; }

    /// <summary>Words for the snapshot.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The name of the machine in the snapshot; null for that of the vault's options.</summary>
    public string? HostName { get; init; }

    /// <summary>The time in the snapshot; null for now.</summary>
    public VaultTime? Time { get; init; }

    /// <summary>Make no snapshot when it would have the content of the one that is compared with.</summary>
    public bool SkipsUnchanged { get; init; }

    /// <summary>Count files and bytes beside the backup, for <see cref="BackupProgress.Total"/>.</summary>
    public bool ScansAhead { get; init; }

    /// <summary>How many files are read at the same time; as many as there are processor cores unless it is set.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Receives how far it has come, about ten times a second at most, from any thread but one at a time.</summary>
    public Action<BackupProgress>? Progress { get; init; }

    /// <summary>Receives each file and directory when it is done. From any thread but one at a time.</summary>
    public Action<BackedUpItem>? OnItem { get; init; }

    /// <summary>Receives each warning when it arises. From any thread but one at a time.</summary>
    public Action<BackupWarning>? OnWarning { get; init; }

    internal IEnumerable<string> AllPaths => Paths.Concat(Partial.Select(directory => directory.Path));
}
