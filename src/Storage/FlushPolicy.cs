namespace Halley.Storage;

/// <summary>How much a 200 promises.</summary>
public enum FlushPolicy
{
    /// <summary>File and directory are flushed to the device before an upload is acknowledged. The default.</summary>
    Full,

    /// <summary>Nothing is flushed: a power loss can take acknowledged files. For throw-away set-ups only.</summary>
    None,
}
