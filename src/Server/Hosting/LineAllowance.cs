using System.Net;

namespace Halley.Server.Hosting;

/// <summary>
/// Limits the log lines about requests of unknown callers, by address, so that a client without credentials cannot fill the disk of the
/// log. A line of its own counts the lines that were left out.
/// </summary>
internal sealed partial class LineAllowance(TimeProvider time, ILogger<LineAllowance> logger)
{
    private const int Most = 1000;
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly Allowances<IPAddress> _lines = new(Most, Refill, time);
    private readonly Lock _lock = new();
    private long _omitted;
    private long _noticedAt = time.GetTimestamp();

    public bool Permits(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated == true)
        {
            return true;
        }

        var address = Neighbourhood.Of(context.Connection.RemoteIpAddress);
        if (_lines.TryTake(address, 1))
        {
            return true;
        }

        lock (_lock)
        {
            _omitted++;
            if (time.GetElapsedTime(_noticedAt) >= Between)
            {
                LogOmitted(_omitted, address);
                (_omitted, _noticedAt) = (0, time.GetTimestamp());
            }
        }

        return false;
    }

    [LoggerMessage(LogEvents.RequestsOmitted, LogLevel.Warning,
        "{Count} requests without a known caller were not logged, because there are too many; the last came from {Client}")]
    private partial void LogOmitted(long count, IPAddress client);
}
