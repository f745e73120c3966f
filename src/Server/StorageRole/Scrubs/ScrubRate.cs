using Halley.Storage;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>
/// How fast a scrub must read to be done in time: what is left to read by the time that is left. A limit that an administrator sets for
/// the task is left alone.
/// </summary>
internal sealed class ScrubRate(Pace pace, DateTime? deadline, TimeProvider time)
{
    private const double Margin = 1.1;
    private const long Slowest = 1 << 20;
    private static readonly TimeSpan TooLate = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long? _derived;

    /// <summary>Sets the rate anew.</summary>
    /// <param name="bytesLeft">What is still to be read.</param>
    public void Adjust(long bytesLeft)
    {
        lock (_lock)
        {
            if (deadline is not { } end || pace.BytesPerSecond != _derived)
            {
                return;
            }

            var left = end - time.GetUtcNow().UtcDateTime;
            var rate = left > TooLate ? (long?)Math.Max(Slowest, (long)(bytesLeft / left.TotalSeconds * Margin)) : null;
            if (rate != _derived)
            {
                pace.BytesPerSecond = _derived = rate;
            }
        }
    }
}
