namespace Halley.Server.Tests.StorageRole;

/// <summary>
/// A clock that a test lets pass, or sets as somebody does who has the wrong date: then the machine's monotonic clock does not follow.
/// Timers run by the real one.
/// </summary>
internal sealed class JumpingClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset _now = start;
    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _passed.Ticks;
        }
    }

    public void Pass(TimeSpan span)
    {
        lock (_lock)
        {
            (_now, _passed) = (_now + span, _passed + span);
        }
    }

    public void Jump(TimeSpan span)
    {
        lock (_lock)
        {
            _now += span;
        }
    }
}
