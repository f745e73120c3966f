namespace Halley.Storage.Spanning;

/// <summary>
/// Whether the trash holds files that clients delete from a bucket. Every deletion checks it, so a change takes effect at once.
/// </summary>
public sealed class DeleteHold
{
    private volatile bool _isOn;

    /// <summary>True while deleted files go to the trash; locks never do.</summary>
    public bool IsOn
    {
        get => _isOn;
        set => _isOn = value;
    }

    /// <summary>True when a file of that type is held rather than removed.</summary>
    public bool Holds(BlobType type) => _isOn && type != BlobType.Locks;
}
