namespace Halley.Testing;

/// <summary>
/// A test's clock as the server sees it. A periodic timer ticks once per move of the clock, however long, as on a machine that wakes up.
/// The test's clock alone would make up for every tick: tens of thousands of job runs for two days. Callbacks run on threads of the pool,
/// as on a real machine. The test's clock would run them on the thread that moves it, and nothing else would run while that is busy.
/// </summary>
internal sealed class WakingClock(TimeProvider clock) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(clock, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly Lock _changing = new();
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _next;
        private TimeSpan _period;

        public Timer(TimeProvider clock, TimerCallback callback, object? state)
        {
            (_callback, _state) = (callback, state);
            _next = clock.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_changing)
            {
                _period = period;
                return _next.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _next.Dispose();

        public ValueTask DisposeAsync() => _next.DisposeAsync();

        private void Tick()
        {
            lock (_changing)
            {
                if (_period > TimeSpan.Zero)
                {
                    _next.Change(_period, Timeout.InfiniteTimeSpan);
                }
            }

            ThreadPool.UnsafeQueueUserWorkItem(static timer => timer._callback(timer._state), this, preferLocal: false);
        }
    }
}
