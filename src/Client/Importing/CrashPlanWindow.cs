using System.Globalization;
using System.Xml.Linq;
using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Importing;

/// <summary>When CrashPlan backs up: at an interval, always or within a window of certain days.</summary>
/// <param name="Schedules">The schedules of a profile.</param>
/// <param name="Interval">The time between two backups.</param>
internal sealed record CrashPlanWindow(List<ScheduleConfig> Schedules, TimeSpan Interval)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);
    private const string Days = "SMTWHFS"; // H is Thursday

    /// <summary>Reads the window and the interval of a backup set.</summary>
    public static CrashPlanWindow Read(ImportDraft draft, string place, XElement set)
    {
        var milliseconds = set.All("retentionPolicy").FirstOrDefault().Number("backupFrequency") ?? 0;
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 60_000, 30L * 24 * 3_600_000));
        if (interval < Shortest)
        {
            draft.Changed(place, $"It ran every {interval.TotalMinutes:0} minutes, and runs every 30 minutes now.");
            interval = Shortest;
        }

        draft.Imported(place, "A backup is skipped while another one of the set runs.");
        var window = set.All("backupRunWindow").FirstOrDefault();
        if (window is null || window.IsYes("always"))
        {
            draft.Imported(place, $"A backup every {interval.TotalMinutes:0} minutes, always.");
            return new([new() { FrequencyType = ScheduleFrequencies.Periodic, SecondsPast = (ulong)interval.TotalSeconds }], interval);
        }

        if (!TryRead(window.Text("startTimeOfDay"), out var start) || !TryRead(window.Text("endTimeOfDay"), out var end))
        {
            draft.NotImported(place, "The window has no valid times.");
            return new([], interval);
        }

        var days = DaysOf(window.Text("days"));
        if (days.Count == 0)
        {
            draft.NotImported(place, "The window has no days.");
            return new([], interval);
        }

        // A window that ends before it begins leads over midnight; what is after midnight belongs to the next day.
        var last = end > start ? end : end + TimeSpan.FromDays(1);
        var schedules = new List<ScheduleConfig>();
        for (var time = start; time <= last; time += interval)
        {
            schedules.Add(At(time, days));
        }

        draft.Changed(place, $"The window became {schedules.Count} schedules, one for each time at which a backup would have run in it.");
        return new(schedules, interval);
    }

    private static ScheduleConfig At(TimeSpan time, HashSet<int> days)
    {
        var schedule = new ScheduleConfig
        {
            FrequencyType = ScheduleFrequencies.Daily,
            SecondsPast = (ulong)(time.TotalSeconds % TimeSpan.FromDays(1).TotalSeconds),
        };
        if (days.Count < 7)
        {
            schedule.RestrictDays = true;
            schedule.DaysSelect = ClockFields.WeekdaysOf(days.Select(day => (day + time.Days) % 7).ToHashSet());
        }

        return schedule;
    }

    // One letter for each day from Sunday on; another letter or none for days without backups.
    private static HashSet<int> DaysOf(string text)
    {
        if (text.Length == 7)
        {
            return [.. Enumerable.Range(0, 7).Where(day => char.ToUpperInvariant(text[day]) == Days[day])];
        }

        var days = new HashSet<int>();
        var next = 0;
        foreach (var letter in text.ToUpperInvariant())
        {
            var day = Days.IndexOf(letter, next);
            if (day >= 0)
            {
                days.Add(day);
                next = day + 1;
            }
        }

        return days;
    }

    private static bool TryRead(string text, out TimeSpan time) =>
        TimeSpan.TryParseExact(text, ["h\\:mm", "hh\\:mm"], CultureInfo.InvariantCulture, out time);
}
