using Halley.Storage.Disk;

namespace Halley.Storage.Scrubbing;

/// <summary>What became of the check of one file.</summary>
public enum CheckOutcome
{
    /// <summary>It was read from the device and is what its name says.</summary>
    Right,

    /// <summary>It is not there (any more): deleted by its owner, or moved.</summary>
    Gone,

    /// <summary>Somebody is just writing or replacing it, so nothing can be said. It can be checked again later.</summary>
    Unsettled,

    /// <summary>It is not what its name says, or cannot be read; the finding tells more.</summary>
    Bad,
}

/// <summary>A file that was checked.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Length">Its size in bytes; 0 when it is gone.</param>
/// <param name="Finding">What is wrong with it; null unless it is bad.</param>
public readonly record struct CheckedFile(CheckOutcome Outcome, long Length, ScrubFinding? Finding = null)
{
    /// <summary>The file as it was read.</summary>
    internal DiskEntry? State { get; init; }

    /// <summary>SHA-256 of what was read.</summary>
    internal string? Hash { get; init; }
}
