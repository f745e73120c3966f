using Halley.Protocol;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>
/// A limit in force: a token bucket that all connections of a bucket or network share. Each takes a slice of an eighth of a second after
/// those that came before it, so that any number of connections advance equally. The lock covers only a few additions.
/// </summary>
internal sealed class SharedRate(BandwidthLimit limit, TimeProvider time)
{
    private const int SlicesPerSecond = 8;
    private const int SmallestSlice = 1024;
    private const int LargestSlice = 64 * 1024;

    /// <summary>Unused bandwidth of this span may be made up for, so that a pause between two files costs nothing.</summary>
    private static readonly TimeSpan Credit = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly long _credit = (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private readonly LimitWindow? _window = limit.Window;
    private long _nextAt = time.GetTimestamp() - (long)(Credit.TotalSeconds * time.TimestampFrequency);
    private long _seen; // twice the second at which the window was looked at, plus 1 when it was open

    public Guid Id => limit.Id;

    /// <summary>Bytes that one connection may take at once.</summary>
    public int Slice { get; } = (int)Math.Clamp(limit.BytesPerSecond / SlicesPerSecond, SmallestSlice, LargestSlice);

    public bool IsInForce => _window is null || IsOpen(_window);

    public bool IsFor(bool isUpload) =>
        limit.Direction == BandwidthDirection.Both || (limit.Direction == BandwidthDirection.Upload) == isUpload;

    /// <summary>True if the stored limit is unchanged. Its tokens are then kept when other limits change.</summary>
    public bool IsSameAs(BandwidthLimit other) =>
        (limit.Id, limit.BucketId, limit.Network, limit.Direction, limit.BytesPerSecond) == (
            other.Id, other.BucketId, other.Network, other.Direction, other.BytesPerSecond)
        && limit.Window == other.Window;

    /// <summary>Takes bytes, and returns how long to wait for them.</summary>
    public TimeSpan Take(int bytes)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _nextAt = Math.Max(_nextAt, now - _credit) + (long)((double)bytes / limit.BytesPerSecond * time.TimestampFrequency);
            return _nextAt <= now ? TimeSpan.Zero : TimeSpan.FromSeconds((double)(_nextAt - now) / time.TimestampFrequency);
        }
    }

    // Once a second, because time zone conversions are too slow for every slice.
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
