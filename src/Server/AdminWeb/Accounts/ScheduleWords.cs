using System.Globalization;
using Halley.Protocol.Profiles;

namespace Halley.Server.AdminWeb.Accounts;

/// <summary>Schedules in words.</summary>
internal static class ScheduleWords
{
    private const ulong Day = 24 * 60 * 60;

    /// <summary>All starts of a rule, such as <c>daily at 20:00, and when the machine starts</c>.</summary>
    public static string Of(BackupRuleConfig rule)
    {
        var starts = rule.Schedules.Select(Of).ToList();
        var events = rule.EventTriggers;
        if (events.OnPCBoot)
        {
            starts.Add("when the machine starts");
        }

        if (events.OnPCBootIfLastJobMissed)
        {
            starts.Add("after a missed run when the machine starts");
        }

        if (events.OnLastJobFailDoRetry)
        {
            starts.Add("again after a failure");
        }

        return starts.Count > 0 ? string.Join(", ", starts) : "only by command";
    }

    private static string Of(ScheduleConfig schedule)
    {
        var words = schedule.FrequencyType switch
        {
            ScheduleFrequencies.Once => $"once at {UtcText(schedule.SecondsPast)}",
            ScheduleFrequencies.Hourly => $"hourly, {schedule.SecondsPast % 3600 / 60} min past",
            ScheduleFrequencies.Daily => $"daily at {Clock(schedule.SecondsPast)}",
            ScheduleFrequencies.Weekly => $"on {(DayOfWeek)(schedule.SecondsPast / Day % 7)}s at {Clock(schedule.SecondsPast)}",
            ScheduleFrequencies.Monthly => $"on day {(schedule.SecondsPast / Day) + 1} of the month at {Clock(schedule.SecondsPast)}",
            ScheduleFrequencies.Periodic => $"every {PeriodOf(schedule.SecondsPast)}",
            ScheduleFrequencies.Yearly => $"every year on {schedule.SelectedDay}/{schedule.SelectedMonth} at {Clock(schedule.SecondsPast)}",
            var unknown => $"by a schedule of kind {unknown}",
        };
        var days = schedule.RestrictDays ? $" on {DaysOf(schedule.DaysSelect)}" : "";
        var window = schedule.RestrictRuntime ? $" between {Clock(schedule.FromTime)} and {Clock(schedule.ToTime)}" : "";
        return words + days + window;
    }

    private static string Clock(ulong secondsPast) =>
        TimeSpan.FromSeconds(secondsPast % Day).ToString(@"hh\:mm", CultureInfo.InvariantCulture);

    private static string Clock(HourSchedConfig time) => string.Create(CultureInfo.InvariantCulture, $"{time.Hour:00}:{time.Minutes:00}");

    private static string UtcText(ulong seconds) => seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture)
        : "a time that never comes";

    private static string PeriodOf(ulong seconds) => seconds switch
    {
        >= Day when seconds % Day == 0 => $"{seconds / Day} d",
        >= 3600 when seconds % 3600 == 0 => $"{seconds / 3600} h",
        _ => $"{seconds / 60} min",
    };

    private static string DaysOf(DaysOfWeekConfig days) => string.Join(", ", new (bool Is, string Name)[]
    {
        (days.Monday, "Mon"), (days.Tuesday, "Tue"), (days.Wednesday, "Wed"), (days.Thursday, "Thu"), (days.Friday, "Fri"),
        (days.Saturday, "Sat"), (days.Sunday, "Sun"),
    }.Where(day => day.Is).Select(day => day.Name));
}
