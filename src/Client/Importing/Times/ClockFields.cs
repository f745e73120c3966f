using System.Globalization;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing.Times;

/// <summary>Times as cron and systemd write them: values for each field of the clock; null for every value.</summary>
/// <param name="Minutes">Minutes of the hour.</param>
/// <param name="Hours">Hours of the day.</param>
/// <param name="Days">Days of the month.</param>
/// <param name="Months">Months of the year.</param>
/// <param name="Weekdays">Days of the week, from 0 for Sunday.</param>
internal sealed record ClockFields(
    SortedSet<int>? Minutes, SortedSet<int>? Hours, SortedSet<int>? Days, SortedSet<int>? Months, SortedSet<int>? Weekdays)
{
    private const int MostSchedules = 100;
    private const int WindowFrom = 4;
    private const long Minute = 60;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    /// <summary>The schedules that are due at the same times.</summary>
    /// <exception cref="FormatException">No schedules of a profile are.</exception>
    public List<ScheduleConfig> ToSchedules()
    {
        var minutes = Minutes ?? [.. Enumerable.Range(0, 60)];
        if (Months is not null && Days is null)
        {
            throw new FormatException("all days of certain months cannot be scheduled");
        }

        IEnumerable<ScheduleConfig> schedules = Days is null && (Hours is null || IsWindow(Hours))
            ? minutes.Select(minute => Make(ScheduleFrequencies.Hourly, minute * Minute))
            : Days is null
                ? TimesOfDay(minutes).Select(time => Make(ScheduleFrequencies.Daily, time))
                : Months is null
                    ? Days.SelectMany(day =>
                        TimesOfDay(minutes).Select(time => Make(ScheduleFrequencies.Monthly, ((day - 1) * Day) + time)))
                    : Months.SelectMany(month => Days.SelectMany(day => TimesOfDay(minutes).Select(time => Yearly(month, day, time))));
        var all = schedules.Take(MostSchedules + 1).ToList();
        return all.Count <= MostSchedules ? all : throw new FormatException($"it has more than {MostSchedules} times");
    }

    /// <summary>The values of a field; null for every value.</summary>
    /// <param name="text">The field.</param>
    /// <param name="first">The smallest value.</param>
    /// <param name="last">The largest value.</param>
    /// <param name="range">What stands between the ends of a range.</param>
    /// <param name="names">Names of values, from the smallest on; null for none.</param>
    /// <exception cref="FormatException">The field cannot be read.</exception>
    public static SortedSet<int>? Parse(string text, int first, int last, string range, string[]? names = null)
    {
        if (text is "*" or "?")
        {
            return null;
        }

        var values = new SortedSet<int>();
        foreach (var part in text.Split(','))
        {
            var (span, step) = part.Split('/') is [var left, var right] ? (left, Number(right, 1, last, null)) : (part, 0);
            var ends = span.Split(range);
            var from = span == "*" ? first : Number(ends[0], first, last, names);
            var to = span == "*" ? last : ends.Length == 2 ? Number(ends[1], first, last, names) : step > 0 ? last : from;
            if (part.Count(letter => letter == '/') > 1 || ends.Length > 2 || to < from)
            {
                throw new FormatException($"'{text}' is not understood");
            }

            for (var value = from; value <= to; value += Math.Max(1, step))
            {
                values.Add(value);
            }
        }

        return values;
    }

    private static int Number(string text, int first, int last, string[]? names)
    {
        var name = names is null ? -1 : Array.FindIndex(names, known => text.StartsWith(known, StringComparison.OrdinalIgnoreCase));
        if (name >= 0)
        {
            return first + name;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= first && number <= last
            ? number
            : throw new FormatException($"'{text}' is not understood");
    }

    private static bool IsWindow(SortedSet<int> hours) => hours.Count >= WindowFrom && hours.Max - hours.Min == hours.Count - 1;

    private IEnumerable<long> TimesOfDay(SortedSet<int> minutes) =>
        (Hours ?? [.. Enumerable.Range(0, 24)]).SelectMany(hour => minutes.Select(minute => (hour * Hour) + (minute * Minute)));

    private ScheduleConfig Yearly(int month, int day, long time)
    {
        var schedule = Make(ScheduleFrequencies.Yearly, time);
        (schedule.SelectedMonth, schedule.SelectedDay) = ((ulong)month, (ulong)day);
        return schedule;
    }

    private ScheduleConfig Make(ulong type, long seconds)
    {
        var schedule = new ScheduleConfig { FrequencyType = type, SecondsPast = (ulong)seconds };
        if (Weekdays is not null)
        {
            (schedule.RestrictDays, schedule.DaysSelect) = (true, WeekdaysOf(Weekdays));
        }

        if (type == ScheduleFrequencies.Hourly && Hours is not null)
        {
            schedule.RestrictRuntime = true;
            schedule.FromTime = new HourSchedConfig { Hour = (ulong)Hours.Min };
            schedule.ToTime = new HourSchedConfig { Hour = (ulong)Hours.Max, Minutes = 59 };
        }

        return schedule;
    }

    /// <summary>Days of the week, from 0 for Sunday.</summary>
    public static DaysOfWeekConfig WeekdaysOf(IReadOnlySet<int> days) => new()
    {
        Sunday = days.Contains(0),
        Monday = days.Contains(1),
        Tuesday = days.Contains(2),
        Wednesday = days.Contains(3),
        Thursday = days.Contains(4),
        Friday = days.Contains(5),
        Saturday = days.Contains(6),
    };
}
