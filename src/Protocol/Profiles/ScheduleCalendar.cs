namespace Halley.Protocol.Profiles;

/// <summary>
/// The times at which a schedule is due. Days, weeks and months follow the local clock. A time that the clock skips is due later by the
/// length of the jump. Of a time that occurs twice, the first counts. Devices start backups and the server finds the missed ones by it.
/// </summary>
public static class ScheduleCalendar
{
    /// <summary>Longest random delay of a start, in seconds.</summary>
    public const long LongestDelay = 18_000;

    private const long Hour = 3600;
    private const long Day = 24 * Hour;

    /// <summary>More than any period has, so that adding it to a date stays a date.</summary>
    private const ulong MostSeconds = 400 * Day;
    private const long ShortestPeriod = 60;
    private static readonly long LastSecond = new DateTimeOffset(9990, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>The zone of this name; UTC for an unknown name.</summary>
    public static TimeZoneInfo ZoneOf(params IEnumerable<string> names) =>
        names.Select(name => name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null)
            .FirstOrDefault(zone => zone is not null) ?? TimeZoneInfo.Utc;

    /// <summary>All times after <paramref name="after"/> up to <paramref name="until"/>, in Unix seconds, in order, none twice.</summary>
    public static IEnumerable<long> Due(ScheduleConfig schedule, TimeZoneInfo zone, long after, long until)
    {
        (after, until) = (Math.Max(0, after), Math.Min(until, LastSecond));
        if (after >= until)
        {
            return [];
        }

        var times = schedule.FrequencyType switch
        {
            ScheduleFrequencies.Once => schedule.SecondsPast <= (ulong)LastSecond ? [(long)schedule.SecondsPast] : [],
            ScheduleFrequencies.Periodic => Periods(schedule, after, until),
            _ when schedule.SecondsPast > MostSeconds => [],
            ScheduleFrequencies.Hourly => Hours(schedule, zone, after, until),
            ScheduleFrequencies.Daily => Days(schedule, zone, after, until, _ => true),
            ScheduleFrequencies.Weekly => Days(schedule, zone, after, until, day => day.DayOfWeek == DayOfWeek.Sunday),
            ScheduleFrequencies.Monthly => Days(schedule, zone, after, until, day => day.Day == 1),
            ScheduleFrequencies.Yearly => Days(
                schedule, zone, after, until, day => (ulong)day.Month == schedule.SelectedMonth && (ulong)day.Day == schedule.SelectedDay),
            _ => [],
        };
        return times.Where(time => time > after && time <= until && Allows(schedule, zone, time)).Distinct().Order();
    }

    /// <summary>The first time after <paramref name="after"/>, in Unix seconds; null when the schedule is never due again.</summary>
    public static long? Next(ScheduleConfig schedule, TimeZoneInfo zone, long after)
    {
        // Most schedules are due within a day. The 29th of February of a given day of the week comes after forty years at most.
        after = Math.Clamp(after, 0, LastSecond);
        long[] spans = schedule.FrequencyType == ScheduleFrequencies.Once ? [LastSecond] : [Hour, 2 * Day, 70 * Day, 41 * 366 * Day];
        foreach (var span in spans)
        {
            foreach (var time in Due(schedule, zone, after, after + span))
            {
                return time;
            }
        }

        return null;
    }

    /// <summary>The longest random delay of a schedule: that of the schedule, the policy or the server, whichever is longest.</summary>
    public static long DelayOf(UserProfileConfig profile, ScheduleConfig schedule) => (long)Math.Min(
        new[] { schedule.RandomDelaySecs, profile.Policy.RandomDelaySecs, profile.ServerConfig.RandomDelaySecs }.Max(), LongestDelay);

    /// <summary>True when the schedule allows a start at this time: on the selected days, within the window.</summary>
    public static bool Allows(ScheduleConfig schedule, TimeZoneInfo zone, long time)
    {
        var wall = At(zone, time);
        if (schedule.RestrictDays && !IsSelected(schedule.DaysSelect, wall.DayOfWeek))
        {
            return false;
        }

        if (!schedule.RestrictRuntime)
        {
            return true;
        }

        var (from, to, now) = (Minutes(schedule.FromTime), Minutes(schedule.ToTime), (ulong)wall.TimeOfDay.TotalMinutes);
        // A window that ends before it begins spans midnight.
        return from <= to ? now >= from && now <= to : now >= from || now <= to;
    }

    private static IEnumerable<long> Periods(ScheduleConfig schedule, long after, long until)
    {
        if (schedule.SecondsPast is < ShortestPeriod or > MostSeconds)
        {
            yield break;
        }

        var period = (long)schedule.SecondsPast;
        var offset = schedule.Offset % period;
        for (var time = after - Modulo(after - offset, period); time <= until; time += period)
        {
            yield return time;
        }
    }

    // The full hours of the clock, which are not those of UTC everywhere.
    private static IEnumerable<long> Hours(ScheduleConfig schedule, TimeZoneInfo zone, long after, long until)
    {
        var past = (long)schedule.SecondsPast % Hour;
        for (var hour = after - Modulo(after, Hour) - Hour; hour <= until; hour += Hour)
        {
            foreach (var offset in new[] { OffsetAt(zone, hour), OffsetAt(zone, hour + Hour) }.Distinct())
            {
                var time = hour + Modulo(past - offset, Hour);
                if (Modulo(time + OffsetAt(zone, time) - past, Hour) == 0)
                {
                    yield return time;
                }
            }
        }
    }

    private static IEnumerable<long> Days(ScheduleConfig schedule, TimeZoneInfo zone, long after, long until, Func<DateTime, bool> starts)
    {
        // Long periods may have begun before the first requested day; two days more cover every offset and change of the clock.
        var first = At(zone, after).Date.AddSeconds(-(double)schedule.SecondsPast).AddDays(-2).Date;
        var last = At(zone, until).Date.AddDays(1);
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            if (starts(day))
            {
                yield return Instant(zone, day.AddSeconds(schedule.SecondsPast));
            }
        }
    }

    private static long Instant(TimeZoneInfo zone, DateTime wall)
    {
        var offset = zone.IsInvalidTime(wall)
            ? zone.GetUtcOffset(wall.AddDays(-1))
            : zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max() : zone.GetUtcOffset(wall);
        return new DateTimeOffset(wall, TimeSpan.Zero).ToUnixTimeSeconds() - (long)offset.TotalSeconds;
    }

    private static bool IsSelected(DaysOfWeekConfig days, DayOfWeek day) => day switch
    {
        DayOfWeek.Sunday => days.Sunday,
        DayOfWeek.Monday => days.Monday,
        DayOfWeek.Tuesday => days.Tuesday,
        DayOfWeek.Wednesday => days.Wednesday,
        DayOfWeek.Thursday => days.Thursday,
        DayOfWeek.Friday => days.Friday,
        _ => days.Saturday,
    };

    private static ulong Minutes(HourSchedConfig time) => (Math.Min(time.Hour, 24) * 60) + Math.Min(time.Minutes, 60);

    private static DateTime At(TimeZoneInfo zone, long time) =>
        DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(time), zone).DateTime, DateTimeKind.Unspecified);

    private static long OffsetAt(TimeZoneInfo zone, long time) =>
        (long)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(time)).TotalSeconds;

    private static long Modulo(long value, long divisor) => ((value % divisor) + divisor) % divisor;
}
