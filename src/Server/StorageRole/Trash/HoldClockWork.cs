using Halley.Server.Data;
using Halley.Server.Periodic;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.StorageRole.Trash;

/// <summary>
/// Says whether something has been held long enough: by the server's clock, and by the time that the server has seen pass. A clock that is set
/// forward by mistake or on purpose would otherwise empty every trash at once.
/// </summary>
/// <remarks>
/// While the server runs, its clock is compared with the machine's monotonic one. What the clock is ahead is its lag: it grows by each jump, and
/// by each time for which the server was off, because then nobody saw time pass. A file that was deleted at a lag of one day and is looked at
/// at a lag of three days has to wait two days longer. So a file is held too long rather than too short; time off counts for files that were in
/// the trash then, and for no others.
/// </remarks>
internal sealed partial class HoldClockWork(IDbContextFactory<ServerDbContext> databases, TimeProvider time, ILogger<HoldClockWork> logger) : SingleRun
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    /// <summary>How far the end of a span may lie before the moment that still belongs to it: it is written now and then only.</summary>
    private static readonly TimeSpan Unwritten = TimeSpan.FromMinutes(10);
    private readonly long _startedAt = time.GetTimestamp();
    private volatile IReadOnlyList<HoldClockMark> _marks = [];
    private long? _seenAt;

    /// <summary>True when so many days have passed since a time, by the clock and as the server has seen them. False before the clock was compared once.</summary>
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

    /// <summary>Compares the clocks and remembers; every few minutes.</summary>
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
            LogJumped(logger, jump); // otherwise the server was off
        }

        marks.Add(new HoldClockMark { From = now, Until = now, LagTicks = marks[^1].LagTicks + jump.Ticks });
        database.Add(marks[^1]);
    }

    // The clock may have shown a time more than once, when it was set back: then the smallest lag counts, for which a file is held longest.
    private static TimeSpan LagAt(DateTime at, IReadOnlyList<HoldClockMark> marks)
    {
        var within = marks.Where(mark => mark.From - Unwritten <= at && at <= mark.Until + Unwritten).ToList();
        return TimeSpan.FromTicks((within.Count > 0 ? within : marks).Min(mark => mark.LagTicks));
    }

    [LoggerMessage(LogEvents.ClockJumped, LogLevel.Warning, "The clock jumped by {Jump}; what is held in the trash is held by the time that has passed")]
    private static partial void LogJumped(ILogger logger, TimeSpan jump);
}
