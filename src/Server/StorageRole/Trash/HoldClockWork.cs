using Halley.Server.Data;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>
/// Decides whether a hold has ended: by the server's clock, and by the time that the server has seen pass. Otherwise a clock that is set
/// forward, by mistake or on purpose, would empty every trash at once.
/// </summary>
/// <remarks>
/// While the server runs, its clock is compared with the machine's monotonic one. The lag is how far the clock is ahead. It grows with each
/// jump, and with each period in which the server was off, because it saw no time pass then. A file that was deleted at a lag of one day
/// and is examined at a lag of three days waits two days longer. So a hold ends too late rather than too early, and downtime prolongs the
/// hold of those files alone that were in the trash at the time.
/// </remarks>
internal sealed partial class HoldClockWork(
    IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<HoldClockWork> logger) : SingleRun
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long after the stored end of a span a moment still belongs to it, because the end is stored only every few minutes.
    /// </summary>
    private static readonly TimeSpan Unwritten = TimeSpan.FromMinutes(10);
    private readonly long _startedAt = time.GetTimestamp();
    private volatile IReadOnlyList<HoldClockMark> _marks = [];
    private long? _seenAt;

    /// <summary>
    /// True if so many days have passed since a time, both by the clock and as the server has seen them. False before the first comparison.
    /// </summary>
    public bool IsDue(DateTime since, int days)
    {
        if (_marks is not { Count: > 0 } marks)
        {
            return false;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var lag = TimeSpan.FromTicks(marks[^1].LagTicks);
        return now - since >= TimeSpan.FromDays(days) && now - since - (lag - LagAt(since, marks)) >= TimeSpan.FromDays(days);
    }

    /// <summary>Compares the clocks and stores the result, every few minutes.</summary>
    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var marks = await database.Set<HoldClockMark>().AsTracking().OrderBy(mark => mark.Id).ToListAsync(cancellationToken);
        var (now, seenAt) = (time.GetUtcNow().UtcDateTime, time.GetTimestamp());
        if (marks.Count == 0)
        {
            marks.Add(new HoldClockMark { From = now, Until = now });
            database.Add(marks[0]);
        }
        else
        {
            Continue(marks, database, now, now - marks[^1].Until - time.GetElapsedTime(_seenAt ?? _startedAt, seenAt));
        }

        await database.SaveChangesAsync(cancellationToken);
        (_marks, _seenAt) = (marks, seenAt);
    }

    private void Continue(List<HoldClockMark> marks, ServerDbContext database, DateTime now, TimeSpan jump)
    {
        if (jump.Duration() <= Tolerance)
        {
            marks[^1].Until = now;
            return;
        }

        if (_seenAt is not null)
        {
            LogJumped(logger, jump); // else the server was off
        }

        marks.Add(new HoldClockMark { From = now, Until = now, LagTicks = marks[^1].LagTicks + jump.Ticks });
        database.Add(marks[^1]);
    }

    // A clock that was set back shows a time more than once. The smallest lag counts, because it makes the longest hold.
    private static TimeSpan LagAt(DateTime at, IReadOnlyList<HoldClockMark> marks)
    {
        var within = marks.Where(mark => mark.From - Unwritten <= at && at <= mark.Until + Unwritten).ToList();
        return TimeSpan.FromTicks((within.Count > 0 ? within : marks).Min(mark => mark.LagTicks));
    }

    [LoggerMessage(LogEvents.ClockJumped, LogLevel.Warning,
        "The clock jumped by {Jump}; holds continue by the time that has really passed")]
    private static partial void LogJumped(ILogger logger, TimeSpan jump);
}
