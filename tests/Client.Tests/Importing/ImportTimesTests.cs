using Halley.Client.Importing.Times;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Importing;

/// <summary>Times of cron and systemd, followed by the next times at which their schedules are due.</summary>
public class ImportTimesTests
{
    [Theory]
    [InlineData("0 3 * * *", "Thu-05.03-03:00 Fri-06.03-03:00")]
    [InlineData("*/30 * * * *", "Wed-04.03-13:30 Wed-04.03-14:00")]
    [InlineData("5,10 8-18 * * mon-fri", "Wed-04.03-13:05 Wed-04.03-13:10")]
    [InlineData("0 0 * * 7", "Sun-08.03-00:00 Sun-15.03-00:00")]
    [InlineData("30 1 5,20 * *", "Thu-05.03-01:30 Fri-20.03-01:30")]
    [InlineData("0 0 10 mar *", "Tue-10.03-00:00")]
    [InlineData("@weekly", "Sun-08.03-00:00 Sun-15.03-00:00")]
    public void Cron(string text, string expected) => Assert.Equal(expected, Next(CronTimes.Read(text), expected));

    [Theory]
    [InlineData("daily", "Thu-05.03-00:00 Fri-06.03-00:00")]
    [InlineData("weekly", "Mon-09.03-00:00 Mon-16.03-00:00")]
    [InlineData("*:00,30", "Wed-04.03-13:30 Wed-04.03-14:00")]
    [InlineData("*:0/15", "Wed-04.03-13:15 Wed-04.03-13:30")]
    [InlineData("Sat..Mon 04:10:00", "Sat-07.03-04:10 Sun-08.03-04:10 Mon-09.03-04:10")]
    [InlineData("Mon,Thu *-*-* 22:00", "Thu-05.03-22:00 Mon-09.03-22:00")]
    [InlineData("*-*-01 03:00:00", "Wed-01.04-03:00")]
    [InlineData("08..10:00", "Thu-05.03-08:00 Thu-05.03-09:00 Thu-05.03-10:00 Fri-06.03-08:00")]
    public void Systemd(string text, string expected) => Assert.Equal(expected, Next(SystemdTimes.Read(text), expected));

    [Theory]
    [InlineData("0 3 1 * 1")]
    [InlineData("0 3 * 6 *")]
    [InlineData("61 * * * *")]
    [InlineData("* * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("*/7 1,3,5,7,9,11,13,15,17,19,21,23 * * *")]
    public void Cron_without_a_counterpart_is_refused(string text) => Assert.Throws<FormatException>(() => CronTimes.Read(text));

    [Theory]
    [InlineData("2027-01-01 00:00")]
    [InlineData("*:*:30")]
    [InlineData("daily UTC")]
    [InlineData("02:30 Europe/Paris")]
    [InlineData("someday")]
    public void Systemd_without_a_counterpart_is_refused(string text) => Assert.Throws<FormatException>(() => SystemdTimes.Read(text));

    private static string Next(List<ScheduleConfig> schedules, string expected) =>
        new BackupRuleConfig { Schedules = schedules }.Times("2026-03-04T12:00:00Z", expected.Split(' ').Length);
}
