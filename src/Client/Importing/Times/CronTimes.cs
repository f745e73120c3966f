using Halley.Protocol.Profiles;

namespace Halley.Client.Importing.Times;

/// <summary>The five fields of cron.</summary>
internal static class CronTimes
{
    private static readonly string[] MonthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The schedules of an expression.</summary>
    /// <exception cref="FormatException">No schedules are due at the same times; the message says why.</exception>
    public static List<ScheduleConfig> Read(string text)
    {
        var expression = text.Trim() switch
        {
            "@hourly" => "0 * * * *",
            "@daily" or "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" or "@annually" => "0 0 1 1 *",
            var other => other,
        };
        if (expression.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var minute, var hour, var day, var month, var weekday])
        {
            throw new FormatException("it does not have five fields");
        }

        var fields = new ClockFields(
            ClockFields.Parse(minute, 0, 59, "-"), ClockFields.Parse(hour, 0, 23, "-"), ClockFields.Parse(day, 1, 31, "-"),
            ClockFields.Parse(month, 1, 12, "-", MonthNames), Weekdays(weekday));
        return fields is { Days: not null, Weekdays: not null }
            ? throw new FormatException("days of the month or days of the week cannot be scheduled together")
            : fields.ToSchedules();
    }

    // Sunday is 0 and 7.
    private static SortedSet<int>? Weekdays(string text) =>
        ClockFields.Parse(text, 0, 7, "-", DayNames) is { } days
            ? [.. days.Select(day => day % 7)]
            : null;
}
