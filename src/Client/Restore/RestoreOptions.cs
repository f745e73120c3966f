namespace Halley.Client.Restore;

/// <summary>What becomes of an entry whose name exists in the target.</summary>
public enum OverwritePolicy
{
    /// <summary>It becomes what the snapshot has. What is right already is read and compared, and not written again.</summary>
    Always,

    /// <summary>
    /// As <see cref="Always"/>, but a file with the size and the time of the snapshot counts as right without being read.
    /// </summary>
    IfChanged,

    /// <summary>It is replaced when the snapshot's is newer.</summary>
    IfNewer,

    /// <summary>It stays as it is.</summary>
    Never,
}

/// <summary>What is restored, to where and how.</summary>
public sealed record RestoreOptions
{
    /// <summary>The directory that gets what is restored; made when it does not exist. <c>/</c> restores in place.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// The directory of the snapshot whose content is restored, from its root: <c>/home/u</c>. A file or link is restored on its own.
    /// </summary>
    public string Source { get; init; } = "/";

    /// <summary>Which paths are restored.</summary>
    public RestoreSelection Selection { get; init; } = RestoreSelection.Everything;

    /// <summary>What becomes of what exists.</summary>
    public OverwritePolicy Overwrite { get; init; } = OverwritePolicy.Always;

    /// <summary>False lets a file stay that its owner may not write and that has other content, with a warning.</summary>
    public bool ReplacesReadOnly { get; init; } = true;

    /// <summary>
    /// Delete what the snapshot does not have: only below the paths that were backed up, only what <see cref="Selection"/> selects, and
    /// not in a directory that could not be read.
    /// </summary>
    public bool DeletesExtra { get; init; }

    /// <summary>Change nothing, and report what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Leave out zeros in new files, so that they take no room.</summary>
    public bool IsSparse { get; init; } = true;

    /// <summary>Read each file that was written once more and compare it with the snapshot.</summary>
    public bool ReadsBack { get; init; }

    /// <summary>How many packs are read at once.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Deepest directory that is restored; deeper ones are skipped with a warning. A hostile tree may have no end.</summary>
    public int DeepestDirectory { get; init; } = 2048;

    /// <summary>Gets each entry as it is decided upon. Called from one thread at a time.</summary>
    public Action<RestoredItem>? OnItem { get; init; }

    /// <summary>
    /// Gets each warning, also those for which <see cref="RestoreResult.Warnings"/> has no room. From one thread at a time.
    /// </summary>
    public Action<RestoreWarning>? OnWarning { get; init; }

    /// <summary>Gets the state after each pack and each thousand entries. Called from one thread at a time.</summary>
    public Action<RestoreProgress>? OnProgress { get; init; }
}

/// <summary>What is done with an entry.</summary>
public enum RestoreAction
{
    /// <summary>Nothing had its name.</summary>
    Created,

    /// <summary>It existed and was other than in the snapshot.</summary>
    Updated,

    /// <summary>It existed and has the content of the snapshot.</summary>
    Unchanged,

    /// <summary>It existed and stays because of the <see cref="OverwritePolicy"/>.</summary>
    Kept,

    /// <summary>The snapshot does not have it.</summary>
    Deleted,
}

/// <summary>An entry of which it was decided what is done.</summary>
/// <param name="Path">From the root of the target, like <c>/u/file</c>.</param>
/// <param name="Action">What is done.</param>
/// <param name="Size">Bytes of its content.</param>
public readonly record struct RestoredItem(string Path, RestoreAction Action, ulong Size);

/// <summary>Something that is not as it is in the snapshot.</summary>
/// <param name="Path">From the root of the target, like <c>/u/file</c>.</param>
/// <param name="Message">What, as a sentence without a subject's name.</param>
/// <param name="LacksContent">True when content could not be read from the vault: the file has zeros there, or ends before it.</param>
public readonly record struct RestoreWarning(string Path, string Message, bool LacksContent = false);

/// <summary>How far a restore is.</summary>
/// <param name="Entries">Entries that were decided upon.</param>
/// <param name="BytesPlanned">Bytes that have to be written, as far as is known.</param>
/// <param name="BytesWritten">Bytes of those that were written.</param>
public readonly record struct RestoreProgress(long Entries, long BytesPlanned, long BytesWritten);

/// <summary>What a restore did.</summary>
public sealed record RestoreResult
{
    /// <summary>Most warnings that are kept.</summary>
    public const int MostWarnings = 1000;

    /// <summary>Entries that did not exist.</summary>
    public required long Created { get; init; }

    /// <summary>Entries that were other than in the snapshot.</summary>
    public required long Updated { get; init; }

    /// <summary>Entries whose content was right.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Entries that stay because of the policy.</summary>
    public required long Kept { get; init; }

    /// <summary>Entries that the snapshot does not have.</summary>
    public required long Deleted { get; init; }

    /// <summary>Bytes of content that were written; in a dry run, that would be.</summary>
    public required long BytesWritten { get; init; }

    /// <summary>Number of warnings. With one or more, not everything is as it is in the snapshot.</summary>
    public required long WarningCount { get; init; }

    /// <summary>The first <see cref="MostWarnings"/> of them.</summary>
    public required IReadOnlyList<RestoreWarning> Warnings { get; init; }
}
