using Halley.Client.Importing;
using Halley.Client.Retention;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Importing;

/// <summary>Each condition under which settings of CrashPlan are imported.</summary>
public sealed class CrashPlanTests : IDisposable
{
    private readonly ImportRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_backup_set_becomes_an_item_with_its_rule()
    {
        var plan = Read(Window("always=\"true\"") + Retention(frequency: 3_600_000));

        var item = Assert.Single(plan.Items).Value;
        Assert.Equal(("engine1/file", "Home"), (item.Engine, item.Description));
        Assert.Equal(["/home/anna"], item.Values("INCLUDE"));
        Assert.Equal([@"/home/anna/\[tmp]"], item.Values("EXCLUDE"));
        Assert.Equal([@"(?i)\.iso$"], item.Values("REXCLUDE"));
        plan.Reports(ImportVerdict.NotImported, "cannot be used as a regular expression");
        var rule = Assert.Single(plan.Rules).Value;
        Assert.Equal((ImportRun.Offsite, true), (rule.Destination, rule.SkipAlreadyRunning));
        Assert.Equal((ScheduleFrequencies.Periodic, 3600UL), (rule.Schedules.Single().FrequencyType, rule.Schedules.Single().SecondsPast));
    }

    [Theory]
    [InlineData(60_000, "09:00 09:30 10:00")]
    [InlineData(900_000, "09:00 09:30 10:00")]
    [InlineData(2_700_000, "09:00 09:45")]
    [InlineData(36_000_000, "09:00")]
    public void A_window_becomes_a_schedule_for_each_time_at_least_half_an_hour_apart(long frequency, string expected)
    {
        var plan = Read(Window("always='false' startTimeOfDay='09:00' endTimeOfDay='10:00' days='SMTWHFS'") + Retention(frequency));

        var rule = Assert.Single(plan.Rules).Value;
        Assert.Equal(expected.Split(' ').Length, rule.Schedules.Count);
        Assert.Equal(
            expected, string.Join(' ', rule.Times("2026-03-04T00:00:00Z", rule.Schedules.Count).Split(' ').Select(time => time[^5..])));
        if (frequency < 1_800_000)
        {
            plan.Reports(ImportVerdict.Changed, "runs every 30 minutes now");
        }
    }

    [Fact]
    public void A_window_over_midnight_keeps_its_days()
    {
        var plan = Read(Window("always='false' startTimeOfDay='23:00' endTimeOfDay='01:00' days='MH'") + Retention(3_600_000));

        Assert.Equal(
            "Thu-05.03-23:00 Fri-06.03-00:00 Fri-06.03-01:00 Mon-09.03-23:00 Tue-10.03-00:00",
            Assert.Single(plan.Rules).Value.Times("2026-03-04T00:00:00Z", 5));
    }

    [Theory]
    // Minutes of the last week, 90 days, year and before; what is kept as type:amount:offset.
    [InlineData("60 1440 10080 43200", "902:7:0 903:90:0 906:53:0 905:13200000:1")]
    [InlineData("1440 1440 1440 1440", "903:7:0 903:90:0 903:366:0 905:13200000:1")]
    [InlineData("2880 10080 43200 0", "906:1:0 906:1:2 906:1:4 906:1:6 906:13:0 905:12:1")]
    [InlineData("10080 20160 20160 1", "906:1:0 905:3:1 905:3:15 905:12:1 905:12:15 905:13200000:1")]
    public void Retention_is_translated_for_each_time(string minutes, string expected)
    {
        var plan = Read(Window("always='true'") + Retention(3_600_000, minutes));

        var ranges = plan.Items.Values.Single().OverrideDestinationRetention[ImportRun.Offsite].Ranges;
        Assert.Equal(expected, string.Join(' ', ranges.Select(range =>
            $"{range.Type}:{range.Days + range.Weeks + range.Months}:{range.WeekOffset + range.MonthOffset}")));
        Assert.NotNull(ProfileRetention.RulesOf(plan.Items.Values.Single().OverrideDestinationRetention.Values.Single()));
    }

    [Fact]
    public void No_interval_of_retention_is_shorter_than_that_of_the_backups()
    {
        var plan = Read(Window("always='true'") + Retention(2L * 86_400_000, "15 1440 10080 43200"));

        plan.Reports(ImportVerdict.Changed, "No interval is shorter than that of the backups.");
        var ranges = plan.Items.Values.Single().OverrideDestinationRetention[ImportRun.Offsite].Ranges;
        Assert.Equal(4, ranges.Count(range => range is { Type: 906, Weeks: 1 }));
        Assert.DoesNotContain(ranges, range => range.Type is 902 or 903);
    }

    [Fact]
    public void A_local_destination_becomes_a_vault_in_a_folder_with_a_guid()
    {
        var plan = Read(
            Window("always='true'") + Retention(3_600_000) + "<destinations><destination id='42'/><destination id='7'/></destinations>");

        var (vault, config) = Assert.Single(plan.Vaults);
        Assert.Equal("/media/usb", Path.GetDirectoryName(config.LocalcopyPath));
        Assert.True(Guid.TryParseExact(Path.GetFileName(config.LocalcopyPath), "D", out _));
        Assert.Equal(new[] { vault, ImportRun.Offsite }.Order(), plan.Rules.Values.Select(rule => rule.Destination).Order());
        plan.Reports(ImportVerdict.Changed, "The backups of CrashPlan are not converted.");
    }

    [Fact]
    public void What_has_no_counterpart_is_reported()
    {
        var plan = Read(
            "<backupOpenFiles>false</backupOpenFiles>" + Window("startTimeOfDay='x'")
            + Retention(3_600_000).Replace("<keepDeleted>true", "<keepDeleted>false", StringComparison.Ordinal));

        plan.Reports(ImportVerdict.NotImported, "Open files are not left out.");
        plan.Reports(ImportVerdict.NotImported, "The window has no valid times.");
        plan.Reports(ImportVerdict.NotImported, "Deleted files are not removed earlier.");
        plan.Reports(ImportVerdict.NotImported, "The selection for Windows does not concern this device.");
    }

    private static string Window(string attributes) => $"<backupRunWindow {attributes}/>";

    private static string Retention(long frequency, string minutes = "60 1440 10080 43200")
    {
        var parts = minutes.Split(' ');
        return $"""
            <retentionPolicy><backupFrequency>{frequency}</backupFrequency><keepDeleted>true</keepDeleted>
              <keepDeletedMinutes>0</keepDeletedMinutes><versionLastWeekInterval>{parts[0]}</versionLastWeekInterval>
              <versionLastNinetyDaysInterval>{parts[1]}</versionLastNinetyDaysInterval>
              <versionLastYearInterval>{parts[2]}</versionLastYearInterval>
              <versionPrevYearsInterval>{parts[3]}</versionPrevYearsInterval></retentionPolicy>
            """;
    }

    private ImportPlan Read(string settings)
    {
        var destinations = settings.Contains("<destinations>", StringComparison.Ordinal)
            ? ""
            : "<destinations><destination id='7'/></destinations>";
        return _run.Read(ImportKind.CrashPlan, "my.service.xml", $"""
            <config><serviceBackupConfig><backupConfig><backupSets><backupSet id="1"><name>Home</name>
              <backupPaths>
                <pathset os="Linux"><path include="/home/anna/"/><path exclude="/home/anna/[tmp]/"/></pathset>
                <pathset os="Windows"><path include="C:/Users/"/></pathset>
                <excludeUser><pattern regex="(?i)\.iso$"/><pattern regex="^(?!keep)"/><windows/><linux/><macintosh/></excludeUser>
              </backupPaths>{destinations}{settings}
            </backupSet></backupSets></backupConfig></serviceBackupConfig>
            <socialNetworkConfig><computerConfigs>
              <computerConfig id="42"><manifestPath>/media/usb</manifestPath></computerConfig>
              <computerConfig id="7"><manifestPath/></computerConfig>
            </computerConfigs></socialNetworkConfig></config>
            """);
    }
}
