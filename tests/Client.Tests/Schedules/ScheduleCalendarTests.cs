using System.Globalization;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Schedules;

public class ScheduleCalendarTests
{
    private const int Seed = 7;
    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"];

    [Theory]
    // The clock goes from 2 to 3: what was due at half past two comes at half past three.
    [InlineData("2026-03-29T01:30:00Z", "Europe/Berlin", 8011, 9000)]
    [InlineData("2026-03-08T07:30:00Z", "America/New_York", 8011, 9000)]
    // The clock goes from 3 back to 2, or from 2 back to 1: the time comes twice and counts the first time.
    [InlineData("2026-10-25T00:30:00Z", "Europe/Berlin", 8011, 9000)]
    [InlineData("2026-11-01T05:30:00Z", "America/New_York", 8011, 5400)]
    [InlineData("2026-03-29T01:30:00Z", "Europe/Berlin", 8013, 9000)]
    [InlineData("2026-11-01T05:30:00Z", "America/New_York", 8013, 5400)]
    [InlineData("2026-11-01T05:30:00Z", "America/New_York", 8014, 5400)]
    [InlineData("2026-11-01T05:30:00Z", "America/New_York", 8016, 5400)]
    [InlineData("2026-07-01T00:30:00Z", "Europe/Berlin", 8011, 9000)]
    [InlineData("2026-07-05T00:30:00Z", "Europe/Berlin", 8013, 9000)]
    [InlineData("2026-07-01T00:30:00Z", "Europe/Berlin", 8014, 9000)]
    // Long after the start of the period: Wednesday, and the 10th.
    [InlineData("2026-07-08T00:30:00Z", "Europe/Berlin", 8013, (3 * 86_400) + 9000)]
    [InlineData("2026-07-10T00:30:00Z", "Europe/Berlin", 8014, (9 * 86_400) + 9000)]
    public void A_time_of_day_is_that_of_the_clock_on_the_wall(string expected, string zone, ulong type, ulong seconds)
    {
        var at = Unix(expected);
        var schedule = new ScheduleConfig { FrequencyType = type, SecondsPast = seconds, SelectedMonth = 11, SelectedDay = 1 };
        var due = ScheduleCalendar.Due(schedule, ScheduleCalendar.ZoneOf(zone), at - 7200, at + 7200);

        Assert.Equal([at], due);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z")]
    [InlineData("America/New_York", "2026-03-08T06:00:00Z", "2026-11-01T05:00:00Z")]
    public void Hours_and_periods_pass_as_always_while_the_clock_is_moved(string name, string spring, string autumn)
    {
        var zone = ScheduleCalendar.ZoneOf(name);
        foreach (var start in new[] { Unix(spring), Unix(autumn) })
        {
            var hourly = new ScheduleConfig { FrequencyType = 8012, SecondsPast = 900 };
            var periodic = new ScheduleConfig { FrequencyType = 8015, SecondsPast = 1800, Offset = 60 };

            Assert.Equal([900, 4500, 8100, 11700], ScheduleCalendar.Due(hourly, zone, start, start + 14_400).Select(time => time - start));
            Assert.Equal([60, 1860, 3660, 5460], ScheduleCalendar.Due(periodic, zone, start, start + 7200).Select(time => time - start));
        }
    }

    [Theory]
    [InlineData(8010, 1_780_000_000UL, "2026-05-28T20:26:40Z", null)]
    [InlineData(8011, 3600UL, "2026-01-02T01:00:00Z", "2026-01-03T01:00:00Z")]
    [InlineData(8012, 600UL, "2026-01-01T12:10:00Z", "2026-01-01T13:10:00Z")]
    [InlineData(8013, 3600UL, "2026-01-04T01:00:00Z", "2026-01-11T01:00:00Z")]
    [InlineData(8014, 3600UL, "2026-02-01T01:00:00Z", "2026-03-01T01:00:00Z")]
    [InlineData(8015, 10_800UL, "2026-01-01T15:00:00Z", "2026-01-01T18:00:00Z")]
    [InlineData(8016, 3600UL, "2028-02-29T01:00:00Z", "2032-02-29T01:00:00Z")]
    public void Each_kind_of_schedule_has_its_next_times(ulong type, ulong seconds, string first, string? second)
    {
        var schedule = new ScheduleConfig { FrequencyType = type, SecondsPast = seconds, SelectedMonth = 2, SelectedDay = 29 };
        var next = ScheduleCalendar.Next(schedule, TimeZoneInfo.Utc, Unix("2026-01-01T12:00:00Z"));

        Assert.Equal(Unix(first), next);
        Assert.Equal(second is null ? null : Unix(second), ScheduleCalendar.Next(schedule, TimeZoneInfo.Utc, next!.Value));
    }

    [Fact]
    public void The_next_time_is_the_first_that_is_due()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            var zone = ScheduleCalendar.ZoneOf(Zones[random.Next(Zones.Length)]);
            var schedule = RandomSchedule(random);
            var after = 1_770_000_000L + random.Next(30_000_000);
            var due = ScheduleCalendar.Due(schedule, zone, after, after + (370 * 86_400)).Cast<long?>().FirstOrDefault();
            var next = ScheduleCalendar.Next(schedule, zone, after);

            Assert.True(next == due || (due is null && next > after + (370 * 86_400)), $"seed {Seed}, round {round}: {next}, {due}");
        }
    }

    [Fact]
    public void Every_day_has_one_time_also_when_the_clock_is_moved()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 60; round++)
        {
            var zone = ScheduleCalendar.ZoneOf(Zones[random.Next(Zones.Length)]);
            var schedule = new ScheduleConfig { FrequencyType = 8011, SecondsPast = (ulong)random.Next(86_400) };
            var start = Unix("2026-01-01T00:00:00Z");
            var due = ScheduleCalendar.Due(schedule, zone, start, start + (365 * 86_400)).ToList();

            Assert.True(
                due.Count is 365 or 364 or 366, $"seed {Seed}, round {round}, {zone.Id}, {schedule.SecondsPast}: {due.Count} times");
            Assert.All(due.Zip(due.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 82_000, 91_000));
        }
    }

    [Fact]
    public void What_is_due_does_not_depend_on_how_the_time_is_cut_into_pieces()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            var zone = ScheduleCalendar.ZoneOf(Zones[random.Next(Zones.Length)]);
            var schedule = RandomSchedule(random);
            var start = 1_770_000_000L + random.Next(30_000_000);
            var end = start + random.Next(20 * 86_400);
            var middle = start + random.Next((int)(end - start) + 1);
            var whole = ScheduleCalendar.Due(schedule, zone, start, end).ToList();
            var pieces = ScheduleCalendar.Due(schedule, zone, start, middle).Concat(ScheduleCalendar.Due(schedule, zone, middle, end));

            Assert.True(whole.SequenceEqual(pieces), $"seed {Seed}, round {round}");
            Assert.True(whole.SequenceEqual(whole.Distinct().Order()), $"seed {Seed}, round {round}");
            Assert.All(whole, time => Assert.InRange(time, start + 1, end));
        }
    }

    [Fact]
    public void Hours_are_full_hours_of_the_clock_and_none_is_left_out()
    {
        var zone = ScheduleCalendar.ZoneOf("Asia/Kolkata");
        var due = ScheduleCalendar.Due(
            new ScheduleConfig { FrequencyType = 8012, SecondsPast = 600 }, zone, 1_770_000_000, 1_770_000_000 + 86_400).ToList();

        Assert.Equal(24, due.Count);
        Assert.All(due, time => Assert.Equal(10, TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(time), zone).Minute));
    }

    [Fact]
    public void Schedules_may_be_restricted_to_days_and_hours()
    {
        var schedule = new ScheduleConfig
        {
            FrequencyType = 8012,
            RestrictDays = true,
            DaysSelect = new DaysOfWeekConfig { Monday = true },
            RestrictRuntime = true,
            FromTime = new HourSchedConfig { Hour = 22 },
            ToTime = new HourSchedConfig { Hour = 2 },
        };
        var due = ScheduleCalendar.Due(schedule, TimeZoneInfo.Utc, 1_770_000_000, 1_770_000_000 + (7 * 86_400))
            .Select(time => DateTimeOffset.FromUnixTimeSeconds(time)).ToList();

        Assert.Equal([0, 1, 2, 22, 23], due.Select(time => time.Hour).Order());
        Assert.All(due, time => Assert.Equal(DayOfWeek.Monday, time.DayOfWeek));
    }

    [Theory]
    [InlineData(22, 0, 2, 0, "22:30 23:15 00:00 00:45 01:30")]
    [InlineData(1, 0, 2, 30, "01:30 02:15")]
    [InlineData(23, 15, 0, 0, "23:15 00:00")]
    public void A_window_may_span_midnight_and_has_both_its_ends(ulong from, ulong fromMinutes, ulong to, ulong toMinutes, string expected)
    {
        var schedule = new ScheduleConfig
        {
            FrequencyType = 8015,
            SecondsPast = 45 * 60,
            RestrictRuntime = true,
            FromTime = new HourSchedConfig { Hour = from, Minutes = fromMinutes },
            ToTime = new HourSchedConfig { Hour = to, Minutes = toMinutes },
        };
        var noon = Unix("2026-01-01T12:00:00Z");
        var due = ScheduleCalendar.Due(schedule, TimeZoneInfo.Utc, noon, noon + 86_400)
            .Select(time => DateTimeOffset.FromUnixTimeSeconds(time).ToString("HH:mm", CultureInfo.InvariantCulture));

        Assert.Equal(expected, string.Join(' ', due));
    }

    [Fact]
    public void The_random_delay_is_the_longest_of_schedule_policy_and_server_up_to_five_hours()
    {
        var schedule = new ScheduleConfig { RandomDelaySecs = 10 };
        var profile = new UserProfileConfig { ServerConfig = new() { RandomDelaySecs = 20 } };

        Assert.Equal(20, ScheduleCalendar.DelayOf(profile, schedule));
        profile.Policy.RandomDelaySecs = 30;
        Assert.Equal(30, ScheduleCalendar.DelayOf(profile, schedule));
        schedule.RandomDelaySecs = ulong.MaxValue;
        Assert.Equal(18_000, ScheduleCalendar.DelayOf(profile, schedule));
    }

    [Theory]
    [InlineData(8010, ulong.MaxValue)]
    [InlineData(8011, ulong.MaxValue)]
    [InlineData(8015, 0)]
    [InlineData(8015, ulong.MaxValue)]
    [InlineData(9999, 0)]
    public void A_schedule_that_makes_no_sense_is_never_due(ulong type, ulong seconds) =>
        Assert.Empty(ScheduleCalendar.Due(
            new ScheduleConfig { FrequencyType = type, SecondsPast = seconds, Offset = long.MinValue }, TimeZoneInfo.Utc, 0, 9_000_000));

    private static long Unix(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static ScheduleConfig RandomSchedule(Random random) => new()
    {
        FrequencyType = (ulong)random.Next(8010, 8017),
        SecondsPast = (ulong)random.Next(3) switch
        {
            0 => (ulong)random.Next(86_400),
            1 => (ulong)random.Next(3600),
            _ => (ulong)random.Next(7 * 86_400),
        },
        Offset = random.Next(1000),
        SelectedDay = (ulong)random.Next(1, 29),
        SelectedMonth = (ulong)random.Next(1, 13),
        RestrictDays = random.Next(4) == 0,
        DaysSelect = new DaysOfWeekConfig { Monday = true, Thursday = true, Saturday = true },
    };
}
