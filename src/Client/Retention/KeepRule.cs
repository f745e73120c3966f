using System.Globalization;
using Halley.Client.Repository.Snapshots;

namespace Halley.Client.Retention;

/// <summary>
/// A reason to keep snapshots. Rules are independent of each other: a snapshot stays when at least one rule keeps it. Times of the calendar
/// are those of the clock that made the snapshot.
/// </summary>
public abstract record KeepRule
{
    /// <summary>Says of each snapshot that it keeps why.</summary>
    /// <param name="group">The snapshots, the newest first.</param>
    /// <param name="now">The time of the decision.</param>
    /// <param name="keep">Receives the number of a snapshot in the group, and the reason.</param>
    internal abstract void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep);

    private protected static DateTimeOffset TimeOf(SnapshotEntry entry) => entry.Snapshot.Time.ToDateTimeOffset();

    // The newest snapshot that is not in the future: a wrong clock must not make all others old.
    private protected static DateTimeOffset LatestOf(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now) =>
        group.Select(TimeOf).FirstOrDefault(time => time <= now, DateTimeOffset.MinValue);
}

/// <summary>Keeps the newest snapshots: <c>--keep-last</c>.</summary>
/// <param name="Count">How many; −1 for all.</param>
public sealed record KeepLast(long Count) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        for (var i = 0; i < group.Count && (Count < 0 || i < Count); i++)
        {
            keep(i, "last snapshot");
        }
    }
}

/// <summary>Keeps the newest snapshot of each period, for the last periods that have one: <c>--keep-hourly</c> to yearly.</summary>
/// <param name="Period">The period.</param>
/// <param name="Count">How many; −1 for all.</param>
/// <param name="KeepsOldest">
/// Whether the oldest snapshot stays, too, while there are fewer periods than the count. It makes the history as long as it can be.
/// </param>
public sealed record KeepPeriodic(KeepPeriod Period, long Count, bool KeepsOldest = true) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        long? last = null;
        var left = Count;
        for (var i = 0; i < group.Count && left != 0; i++)
        {
            var number = KeepPeriods.NumberOf(Period, TimeOf(group[i]));
            if (number != last)
            {
                (last, left) = (number, left - 1);
                keep(i, $"{KeepPeriods.Adjective(Period)} snapshot");
            }
            else if (KeepsOldest && i == group.Count - 1)
            {
                keep(i, $"oldest {KeepPeriods.Adjective(Period)} snapshot");
            }
        }
    }
}

/// <summary>Keeps what is not older than the newest snapshot by more than some time: <c>--keep-within</c>.</summary>
/// <param name="Duration">The time.</param>
public sealed record KeepWithin(KeepDuration Duration) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        var begin = Duration.Before(LatestOf(group, now));
        for (var i = 0; i < group.Count && !Duration.IsZero && TimeOf(group[i]) > begin; i++)
        {
            keep(i, $"within {Duration}");
        }
    }
}

/// <summary>Keeps the newest snapshot of each period within some time: <c>--keep-within-hourly</c> to yearly.</summary>
/// <param name="Period">The period.</param>
/// <param name="Duration">The time before the newest snapshot.</param>
public sealed record KeepPeriodicWithin(KeepPeriod Period, KeepDuration Duration) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        var begin = Duration.Before(LatestOf(group, now));
        long? last = null;
        for (var i = 0; i < group.Count && !Duration.IsZero && TimeOf(group[i]) > begin; i++)
        {
            var number = KeepPeriods.NumberOf(Period, TimeOf(group[i]));
            if (number != last)
            {
                last = number;
                keep(i, $"{KeepPeriods.Adjective(Period)} within {Duration}");
            }
            else if (i == group.Count - 1)
            {
                keep(i, $"oldest {KeepPeriods.Adjective(Period)} within {Duration}");
            }
        }
    }
}

/// <summary>Keeps snapshots that have all of some tags: <c>--keep-tag</c>.</summary>
/// <param name="Tags">The tags; one empty tag stands for snapshots without tags.</param>
public sealed record KeepTagged(IReadOnlyList<string> Tags) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        for (var i = 0; i < group.Count; i++)
        {
            if (SnapshotFilter.HasTags(group[i].Snapshot, Tags))
            {
                keep(i, $"has tags [{string.Join(", ", Tags)}]");
            }
        }
    }
}

/// <summary>Keeps snapshots from a time on.</summary>
/// <param name="Time">The time.</param>
public sealed record KeepSince(DateTimeOffset Time) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        for (var i = 0; i < group.Count && TimeOf(group[i]) >= Time; i++)
        {
            keep(i, string.Create(CultureInfo.InvariantCulture, $"since {Time:yyyy-MM-dd HH:mm:ss}"));
        }
    }
}

/// <summary>Keeps snapshots until they have some age, whatever came after them.</summary>
/// <param name="Age">The age.</param>
public sealed record KeepYounger(KeepDuration Age) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        for (var i = 0; i < group.Count && TimeOf(group[i]) > Age.Before(now.ToOffset(TimeOf(group[i]).Offset)); i++)
        {
            keep(i, $"younger than {Age}");
        }
    }
}

/// <summary>Keeps the first snapshot of each period until it has some age.</summary>
/// <param name="Period">Days, weeks, months or years.</param>
/// <param name="FirstDay">
/// Where a period begins: weeks on 0 (Sunday) to 6; months on 1 to 31, where a month without that day begins none; years on 1 to 366.
/// </param>
/// <param name="Age">The age.</param>
public sealed record KeepFirst(KeepPeriod Period, int FirstDay, KeepDuration Age) : KeepRule
{
    internal override void Apply(IReadOnlyList<SnapshotEntry> group, DateTimeOffset now, Action<int, string> keep)
    {
        DateOnly? last = null;
        for (var i = group.Count - 1; i >= 0; i--)
        {
            var time = TimeOf(group[i]);
            var begin = KeepPeriods.BeginOf(Period, FirstDay, DateOnly.FromDateTime(time.DateTime));
            if (begin != last && time > Age.Before(now.ToOffset(time.Offset)))
            {
                keep(i, string.Create(CultureInfo.InvariantCulture, $"first of the {Word} from {begin:yyyy-MM-dd}"));
            }

            last = begin;
        }
    }

    private string Word => Period switch
    {
        KeepPeriod.Day => "day",
        KeepPeriod.Week => "week",
        KeepPeriod.Month => "month",
        _ => "year",
    };
}
