using System.Xml.Linq;
using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>Reads schedules of Ahsay OBM and ACB 6.</summary>
internal sealed class AhsaySchedules(ImportDraft draft)
{
    private const long Day = 86_400;
    private static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <summary>The schedule of an element; null when it cannot be imported.</summary>
    public ScheduleConfig? Read(string set, XElement element)
    {
        var place = $"{set}, schedule {element.Text("NAME")}".TrimEnd();
        var (hour, minute) = (element.Number("HOUR") ?? -1, element.Number("MINUTE") ?? 0);
        if (hour is < 0 or > 23 || minute is < 0 or > 59)
        {
            draft.NotImported(place, "It has no valid time of day.");
            return null;
        }

        if (element.Number("BACKUP_INTERVAL") > 0)
        {
            draft.NotImported(place, "Repetition within a schedule is not supported. It is imported once.");
        }

        var time = (hour * 3600) + (minute * 60);
        return element.Name.LocalName.ToUpperInvariant() switch
        {
            "DAILY_SCHEDULE" => Imported(place, "daily", new() { FrequencyType = ScheduleFrequencies.Daily, SecondsPast = (ulong)time }),
            "WEEKLY_SCHEDULE" => Weekly(place, element, time),
            "MONTHLY_SCHEDULE" => Monthly(place, element, time),
            _ => Custom(place, element, time),
        };
    }

    private ScheduleConfig? Weekly(string place, XElement element, long time)
    {
        var days = Weekdays.Index().Where(day => element.IsYes(day.Item)).Select(day => day.Index).ToHashSet();
        if (days.Count > 0)
        {
            return Imported(place, "weekly", new()
            {
                FrequencyType = ScheduleFrequencies.Daily,
                SecondsPast = (ulong)time,
                RestrictDays = true,
                DaysSelect = ClockFields.WeekdaysOf(days),
            });
        }

        draft.NotImported(place, "No day of the week is selected.");
        return null;
    }

    private ScheduleConfig? Monthly(string place, XElement element, long time)
    {
        // CRITERIA is the second, the last and the like, of the days that DAY names then.
        if (element.Number("DAY") is not (>= 1 and <= 31 and var day)
            || element.Text("CRITERIA").ToUpperInvariant() is not ("" or "-1" or "NONE" or "DAY"))
        {
            draft.NotImported(
                place, "Monthly schedules are supported for a day of the month, not for variants such as the second Tuesday.");
            return null;
        }

        if (day > 28)
        {
            draft.Changed(place, $"In months without a day {day} it runs at the start of the next month.");
        }

        return Imported(
            place, "monthly", new() { FrequencyType = ScheduleFrequencies.Monthly, SecondsPast = (ulong)(((day - 1) * Day) + time) });
    }

    private ScheduleConfig? Custom(string place, XElement element, long time)
    {
        var (year, month, day) = (element.Number("YEAR"), element.Number("MONTH"), element.Number("DAY"));
        if (year is not (>= 1970 and <= 9000 and var y) || month is not (>= 1 and <= 12 and var m)
            || day is not (>= 1 and var d) || d > DateTime.DaysInMonth((int)y, (int)m))
        {
            draft.NotImported(place, "It has no valid date.");
            return null;
        }

        var wall = new DateTime((int)y, (int)m, (int)d, 0, 0, 0, DateTimeKind.Unspecified).AddSeconds(time);
        var at = new DateTimeOffset(wall, draft.Zone.GetUtcOffset(wall));
        if (at <= draft.Now)
        {
            draft.NotImported(place, "Its date has passed.");
            return null;
        }

        return Imported(
            place, "custom", new() { FrequencyType = ScheduleFrequencies.Once, SecondsPast = (ulong)at.ToUnixTimeSeconds() });
    }

    private ScheduleConfig Imported(string place, string kind, ScheduleConfig schedule)
    {
        draft.Imported(place, $"The {kind} schedule.");
        return schedule;
    }
}
