using Halley.Protocol;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>
/// A limit in force: a bucket of tokens that all connections of a bucket or network draw from. Each asks for a slice of an eighth of a second and
/// gets it after those who asked before, so that all go on alike, however many there are. Nothing but this limit's own few additions is locked.
/// </summary>
internal sealed class SharedRate(BandwidthLimit limit, TimeProvider time)
{
    private const int SlicesPerSecond = 8;
    private const int SmallestSlice = 1024;
    private const int LargestSlice = 64 * 1024;

    /// <summary>What was not used for so long may be made up for, so that a pause between two files costs nothing.</summary>
    private static readonly TimeSpan Credit = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly long _credit = (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private readonly LimitWindow? _window = limit.Window;
    private long _nextAt = time.GetTimestamp() - (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private long _seen; // twice the second at which the window was looked at, plus 1 when it was open

    public Guid Id => limit.Id;

    /// <summary>Bytes that one connection may ask for at once.</summary>
    public int Slice { get; } = (int)Math.Clamp(limit.BytesPerSecond / SlicesPerSecond, SmallestSlice, LargestSlice);

    public bool IsInForce => _window is null || IsOpen(_window);

    public bool IsFor(bool isUpload) => limit.Direction == BandwidthDirection.Both || (limit.Direction == BandwidthDirection.Upload) == isUpload;

    /// <summary>The same limit as another one is stored: its tokens go on counting when some other limit is changed.</summary>
    public bool IsSameAs(BandwidthLimit other) =>
        (limit.Id, limit.BucketId, limit.Network, limit.Direction, limit.BytesPerSecond) == (other.Id, other.BucketId, other.Network, other.Direction, other.BytesPerSecond)
        && limit.Window == other.Window;

    /// <summary>Takes so many bytes and says for how long they are to be waited for.</summary>
    public TimeSpan Take(int bytes)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _nextAt = Math.Max(_nextAt, now - _credit) + (long)((double)bytes / limit.BytesPerSecond * time.TimestampFrequency);
            return _nextAt <= now ? TimeSpan.Zero : TimeSpan.FromSeconds((double)(_nextAt - now) / time.TimestampFrequency);
        }
    }

    // Once a second: time zones are too dear for every slice.
    private bool IsOpen(LimitWindow window)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var second = now.Ticks / TimeSpan.TicksPerSecond;
        var seen = Volatile.Read(ref _seen);
        if (seen >> 1 != second)
        {
            seen = (second << 1) | (window.IsOpen(now) ? 1L : 0L);
            Volatile.Write(ref _seen, seen);
        }

        return (seen & 1) == 1;
    }
}
