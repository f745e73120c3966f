namespace Halley.Storage.Moving;

/// <summary>What became of one file that was to be moved.</summary>
public enum MoveOutcome
{
    /// <summary>It is on the target, read back and found right, and no longer on the source.</summary>
    Moved,

    /// <summary>The target had it already, whole: the source's copy was deleted.</summary>
    WasThere,

    /// <summary>It is not on the source any more: deleted by its owner, or moved by somebody else.</summary>
    Gone,

    /// <summary>The source's copy does not have the content that its name says, or cannot be read. It is in quarantine now.</summary>
    Corrupt,

    /// <summary>The target has no room for it above its reserve.</summary>
    NoRoom,

    /// <summary>Somebody else is just making a copy on the target. It can be tried again later.</summary>
    Busy,

    /// <summary>A disk failed at it. It is still on the source.</summary>
    Failed,
}

/// <summary>What became of one file that was to be moved.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Problem">What the disk said; null unless the outcome is <see cref="MoveOutcome.Failed"/>.</param>
public readonly record struct MoveResult(MoveOutcome Outcome, BlobStoreException? Problem);
