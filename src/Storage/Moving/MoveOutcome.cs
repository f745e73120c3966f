namespace Halley.Storage.Moving;

/// <summary>How the move of one file ended.</summary>
public enum MoveOutcome
{
    /// <summary>It is on the target, read back and found right, and no longer on the source.</summary>
    Moved,

    /// <summary>The target had it already, whole: the source's copy was deleted.</summary>
    WasThere,

    /// <summary>It is no longer on the source: its owner deleted it, or another process moved it.</summary>
    Gone,

    /// <summary>The source's copy cannot be read, or its content does not match its name. It is in quarantine now.</summary>
    Corrupt,

    /// <summary>The target has no room for it above its reserve.</summary>
    NoRoom,

    /// <summary>Another process is making a copy on the target. The move can be retried later.</summary>
    Busy,

    /// <summary>A disk failed at it. It is still on the source.</summary>
    Failed,
}

/// <summary>The result of the move of one file.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Problem">The error of the disk; null unless the outcome is <see cref="MoveOutcome.Failed"/>.</param>
public readonly record struct MoveResult(MoveOutcome Outcome, BlobStoreException? Problem);
