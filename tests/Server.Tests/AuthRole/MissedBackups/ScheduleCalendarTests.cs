using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.MissedBackups;

namespace Halley.Server.Tests.AuthRole.MissedBackups;

public class ScheduleCalendarTests
{
    private const int Seed = 7;
    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"];

    [Theory]
    // The clock goes from 2 to 3: what was due at half past two comes at half past three.
    [InlineData("2026-03-29T01:30:00Z", 8011, 9000)]
    // The clock goes from 3 back to 2: half past two comes twice and counts the first time.
    [InlineData("2026-10-25T00:30:00Z", 8011, 9000)]
    [InlineData("2026-07-01T00:30:00Z", 8011, 9000)]
    [InlineData("2026-07-05T00:30:00Z", 8013, 9000)]
    [InlineData("2026-07-01T00:30:00Z", 8014, 9000)]
    public void A_time_of_day_is_that_of_the_clock_on_the_wall(string expected, ulong type, ulong seconds)
    {
        var at = DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        var due = ScheduleCalendar.Due(
            new ScheduleConfig { FrequencyType = type, SecondsPast = seconds },
            ScheduleCalendar.ZoneOf("Europe/Berlin"), at - 7200, at + 7200);

        Assert.Equal([at], due);
    }

    [Fact]
    public void Every_day_has_one_time_also_when_the_clock_is_moved()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 60; round++)
        {
            var zone = ScheduleCalendar.ZoneOf(Zones[random.Next(Zones.Length)]);
            var schedule = new ScheduleConfig { FrequencyType = 8011, SecondsPast = (ulong)random.Next(86_400) };
            var start = DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();
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
    [InlineData(8010, ulong.MaxValue)]
    [InlineData(8011, ulong.MaxValue)]
    [InlineData(8015, 0)]
    [InlineData(8015, ulong.MaxValue)]
    [InlineData(9999, 0)]
    public void A_schedule_that_makes_no_sense_is_never_due(ulong type, ulong seconds) =>
        Assert.Empty(ScheduleCalendar.Due(
            new ScheduleConfig { FrequencyType = type, SecondsPast = seconds, Offset = long.MinValue }, TimeZoneInfo.Utc, 0, 9_000_000));

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
