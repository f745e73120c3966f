using Halley.Protocol.Profiles;

namespace Halley.Client.Importing.Times;

/// <summary>Calendar events of systemd: <c>Mon..Fri *-*-* 02:30:00</c>.</summary>
internal static class SystemdTimes
{
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The schedules of an event.</summary>
    /// <exception cref="FormatException">No schedules are due at the same times; the message says why.</exception>
    public static List<ScheduleConfig> Read(string text)
    {
        var expression = text.Trim().ToLowerInvariant() switch
        {
            "minutely" => "*-*-* *:*:00",
            "hourly" => "*-*-* *:00:00",
            "daily" => "*-*-* 00:00:00",
            "weekly" => "mon *-*-* 00:00:00",
            "monthly" => "*-*-01 00:00:00",
            "quarterly" => "*-01,04,07,10-01 00:00:00",
            "semiannually" => "*-01,07-01 00:00:00",
            "yearly" or "annually" => "*-01-01 00:00:00",
            var other => other,
        };
        var parts = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var weekdays = parts is [var first, ..] && char.IsAsciiLetter(first[0]) ? Weekdays(Take(parts)) : null;
        var (months, days) = parts is [var date, ..] && date.Contains('-', StringComparison.Ordinal) ? Date(Take(parts)) : (null, null);
        var (hours, minutes) = parts.Count > 0 ? Time(Take(parts)) : ([0], [0]);
        return parts.Count == 0
            ? new ClockFields(minutes, hours, days, months, weekdays).ToSchedules()
            : throw new FormatException($"'{parts[0]}' is not understood; a time zone cannot be imported");
    }

    private static string Take(List<string> parts)
    {
        var part = parts[0];
        parts.RemoveAt(0);
        return part;
    }

    private static SortedSet<int>? Weekdays(string text)
    {
        var days = new SortedSet<int>();
        foreach (var part in text.TrimEnd(',').Split(','))
        {
            var ends = part.Split("..").Select(DayOf).ToList();
            // A range may lead over the end of the week: sat..mon.
            for (var day = ends[0]; ; day = (day + 1) % 7)
            {
                days.Add(day);
                if (day == ends[^1])
                {
                    break;
                }
            }
        }

        return days;
    }

    private static int DayOf(string text)
    {
        var day = Array.FindIndex(DayNames, name => text.StartsWith(name, StringComparison.Ordinal));
        return day >= 0 ? day : throw new FormatException($"'{text}' is not understood");
    }

    private static (SortedSet<int>? Months, SortedSet<int>? Days) Date(string text)
    {
        var (year, month, day) = text.Split('-') switch
        {
            [var three, var two, var one] => (three, two, one),
            [var two, var one] => ("*", two, one),
            _ => throw new FormatException($"'{text}' is not understood"),
        };
        return year == "*"
            ? (ClockFields.Parse(month, 1, 12, ".."), ClockFields.Parse(day, 1, 31, ".."))
            : throw new FormatException("certain years cannot be scheduled");
    }

    private static (SortedSet<int>? Hours, SortedSet<int>? Minutes) Time(string text) => text.Split(':') switch
    {
        [var hour, var minute] => (ClockFields.Parse(hour, 0, 23, ".."), ClockFields.Parse(minute, 0, 59, "..")),
        [var hour, var minute, "0" or "00"] => (ClockFields.Parse(hour, 0, 23, ".."), ClockFields.Parse(minute, 0, 59, "..")),
        [_, _, _] => throw new FormatException("certain seconds cannot be scheduled"),
        _ => throw new FormatException($"'{text}' is not understood"),
    };
}
