namespace Halley.Storage.Moving;

/// <summary>What became of one file that was to be moved.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Problem">What the disk said; null unless the outcome is <see cref="MoveOutcome.Failed"/>.</param>
public readonly record struct MoveResult(MoveOutcome Outcome, BlobStoreException? Problem);
