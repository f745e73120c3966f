using System.Net;
using Halley.Server.Tasks;

namespace Halley.Server.StorageRole.BandwidthLimits;

/// <summary>Slows one upload or download down to the lowest of the limits that apply, as it flows.</summary>
internal sealed class Throttle(
    LimitsInForce limits, string bucketId, IPAddress? client, bool isUpload, ForegroundLoad load, TimeProvider time)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private LimitSet? _seen;
    private SharedRate[] _rates = [];

    /// <summary>How many of the wanted bytes may be taken at once.</summary>
    public int Slice(int wanted)
    {
        LookAgain();
        foreach (var rate in _rates)
        {
            if (rate.IsInForce && rate.Slice < wanted)
            {
                wanted = rate.Slice;
            }
        }

        return wanted;
    }

    /// <summary>Waits until the bytes may pass.</summary>
    public ValueTask PassAsync(int bytes, CancellationToken cancellationToken)
    {
        LookAgain();
        var wait = TimeSpan.Zero;
        foreach (var rate in _rates)
        {
            if (rate.IsInForce && rate.Take(bytes) is var one && one > wait)
            {
                wait = one;
            }
        }

        return wait < ShortestWait ? ValueTask.CompletedTask : new ValueTask(WaitAsync(wait, cancellationToken));
    }

    // In parts, because the limit may change meanwhile. A waiting client does not need the disks.
    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        load.Leave();
        try
        {
            await WaitAsync(wait, began, cancellationToken);
        }
        finally
        {
            load.Enter();
        }
    }

    private async Task WaitAsync(TimeSpan wait, long began, CancellationToken cancellationToken)
    {
        for (var left = wait; left > TimeSpan.Zero && limits.Current == _seen; left = wait - time.GetElapsedTime(began))
        {
            // At least a millisecond, the resolution of timers.
            await Task.Delay(
                left > LongestWait ? LongestWait : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time,
                cancellationToken);
        }
    }

    private void LookAgain()
    {
        var current = limits.Current;
        if (current != _seen)
        {
            (_seen, _rates) = (current, current?.Of(bucketId, client, isUpload) ?? []);
        }
    }
}
