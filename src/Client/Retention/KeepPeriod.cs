using System.Globalization;

namespace Halley.Client.Retention;

/// <summary>Pieces of the calendar of which one snapshot each is kept.</summary>
public enum KeepPeriod
{
    /// <summary>Hours.</summary>
    Hour,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Weeks, which begin on Monday.</summary>
    Week,

    /// <summary>Months.</summary>
    Month,

    /// <summary>Years.</summary>
    Year,
}

/// <summary>The calendar, on the clock that made the snapshot.</summary>
internal static class KeepPeriods
{
    /// <summary>The word for a snapshot of a period, as restic says it.</summary>
    public static string Adjective(KeepPeriod period) => period switch
    {
        KeepPeriod.Hour => "hourly",
        KeepPeriod.Day => "daily",
        KeepPeriod.Week => "weekly",
        KeepPeriod.Month => "monthly",
        _ => "yearly",
    };

    /// <summary>A number that times in the same period share, and no others.</summary>
    public static long NumberOf(KeepPeriod period, DateTimeOffset time) => period switch
    {
        KeepPeriod.Hour => (NumberOf(KeepPeriod.Day, time) * 100) + time.Hour,
        KeepPeriod.Day => (NumberOf(KeepPeriod.Month, time) * 100) + time.Day,
        KeepPeriod.Week => (ISOWeek.GetYear(time.DateTime) * 100L) + ISOWeek.GetWeekOfYear(time.DateTime),
        KeepPeriod.Month => (time.Year * 100L) + time.Month,
        _ => time.Year,
    };

    /// <summary>The day on which the last period began that has this first day.</summary>
    /// <param name="period">Days, weeks, months or years.</param>
    /// <param name="firstDay">
    /// Of weeks 0 (Sunday) to 6; of months 1 to 31, and a month without that day begins no period; of years 1 to 366.
    /// </param>
    /// <param name="day">The day to begin from.</param>
    public static DateOnly BeginOf(KeepPeriod period, int firstDay, DateOnly day)
    {
        // Within eight years there is a leap year.
        for (var back = 0; back < 8 * 366 && day > DateOnly.MinValue; back++, day = day.AddDays(-1))
        {
            var isFirst = period switch
            {
                KeepPeriod.Week => (int)day.DayOfWeek == firstDay,
                KeepPeriod.Month => day.Day == firstDay,
                KeepPeriod.Year => day.DayOfYear == firstDay,
                _ => true,
            };
            if (isFirst)
            {
                return day;
            }
        }

        return day;
    }
}
