using Halley.Storage.Disk;

namespace Halley.Storage.Scrubbing;

/// <summary>How the check of one file ended.</summary>
public enum CheckOutcome
{
    /// <summary>It was read from the device, and its content matches its name.</summary>
    Right,

    /// <summary>It does not exist (any more): its owner deleted it, or it was moved.</summary>
    Gone,

    /// <summary>Another process is writing or replacing it, so there is no result. It can be checked again later.</summary>
    Unsettled,

    /// <summary>Its content does not match its name, or cannot be read; see the finding.</summary>
    Bad,
}

/// <summary>A file that was checked.</summary>
/// <param name="Outcome">How the check ended.</param>
/// <param name="Length">Its size in bytes; 0 when it is gone.</param>
/// <param name="Finding">Its fault; null unless it is bad.</param>
public readonly record struct CheckedFile(CheckOutcome Outcome, long Length, ScrubFinding? Finding = null)
{
    /// <summary>The file as it was read.</summary>
    internal DiskEntry? State { get; init; }

    /// <summary>SHA-256 of the bytes read.</summary>
    internal string? Hash { get; init; }
}
