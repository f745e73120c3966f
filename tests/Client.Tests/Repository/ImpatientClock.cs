using Microsoft.Extensions.Time.Testing;

namespace Halley.Client.Tests.Repository;

/// <summary>A clock that moves on by itself whenever someone waits for a moment, so that a short pause is over at once.</summary>
internal sealed class ImpatientClock(FakeTimeProvider time, TimeSpan? longest = null) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = time.CreateTimer(callback, state, dueTime, period);
        if (dueTime >= TimeSpan.Zero && dueTime <= (longest ?? TimeSpan.FromSeconds(1)))
        {
            time.Advance(dueTime);
        }

        return timer;
    }
}
