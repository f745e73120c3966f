using Halley.Client.Importing;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Importing;

/// <summary>Each condition under which settings of Ahsay OBM and ACB 6 are imported.</summary>
public sealed class AhsayTests : IDisposable
{
    private readonly ImportRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("<SEL-SOURCE>/home/anna</SEL-SOURCE>", ImportVerdict.Imported, "Backs up /home/anna.")]
    [InlineData("<SELECTED_SOURCE PATH='/srv'/>", ImportVerdict.Imported, "Backs up /srv.")]
    [InlineData("<DE-SOURCE>/data/tmp</DE-SOURCE>", ImportVerdict.Imported, "Leaves out /data/tmp.")]
    [InlineData("<SEL-SOURCE>Desktop</SEL-SOURCE>", ImportVerdict.NotImported, "is a macro")]
    [InlineData("<FILTER NAME='music' TYPE='END_WITH'><PATTERN>mp3</PATTERN></FILTER>", ImportVerdict.NotImported, "The filter 'music'")]
    [InlineData(
        "<PRE_CMD PATH='sync'/><POST_CMD PATH='date'/>", ImportVerdict.Imported,
        "for the protected item rather than its vault or schedule")]
    [InlineData("<PRE_CMD NAME='p' PATH='sync' STOP_ON_FAILURE='Y'/>", ImportVerdict.Changed, "no longer stops the backup")]
    [InlineData("<RETENTION_POLICY UNIT='DAYS' PERIOD='30'/>", ImportVerdict.Imported, "Retention of 30 days.")]
    [InlineData("<RETENTION_POLICY UNIT='JOBS' PERIOD='12'/>", ImportVerdict.Imported, "Retention of 12 jobs.")]
    [InlineData(
        "<RETENTION_POLICY UNIT='DAYS' PERIOD='30'><RETENTION_SETTING TYPE='DAILY' KEEP='7'/></RETENTION_POLICY>", ImportVerdict.Changed,
        "Advanced retention is not supported, so all backups are kept")]
    [InlineData("<DAILY_SCHEDULE HOUR='22' MINUTE='15'/>", ImportVerdict.Imported, "The daily schedule.")]
    [InlineData("<WEEKLY_SCHEDULE MON='Y' FRI='Y' HOUR='3'/>", ImportVerdict.Imported, "The weekly schedule.")]
    [InlineData("<WEEKLY_SCHEDULE HOUR='3'/>", ImportVerdict.NotImported, "No day of the week")]
    [InlineData("<CUSTOM_SCHEDULE YEAR='2026' MONTH='5' DAY='1' HOUR='3'/>", ImportVerdict.Imported, "The custom schedule.")]
    [InlineData("<CUSTOM_SCHEDULE YEAR='2020' MONTH='5' DAY='1' HOUR='3'/>", ImportVerdict.NotImported, "Its date has passed.")]
    [InlineData("<MONTHLY_SCHEDULE DAY='15' HOUR='3'/>", ImportVerdict.Imported, "The monthly schedule.")]
    [InlineData("<MONTHLY_SCHEDULE DAY='31' HOUR='3'/>", ImportVerdict.Changed, "at the start of the next month")]
    [InlineData("<MONTHLY_SCHEDULE CRITERIA='SECOND' DAY='3' HOUR='3'/>", ImportVerdict.NotImported, "not for variants")]
    [InlineData("<MONTHLY_SCHEDULE CRITERIA='LAST' DAY='WEEKDAY' HOUR='3'/>", ImportVerdict.NotImported, "not for variants")]
    [InlineData("<DAILY_SCHEDULE HOUR='22' DURATION='6'/>", ImportVerdict.Imported, "stopped after 6 hours")]
    [InlineData("<DAILY_SCHEDULE HOUR='30'/>", ImportVerdict.NotImported, "no valid time of day")]
    [InlineData("<EXTRA_LOCAL_BACKUP ENABLED='Y' BACKUP_TO='/mnt/usb'/>", ImportVerdict.Changed, "A vault in /mnt/usb, with a key")]
    [InlineData(
        "<EXTRA_LOCAL_BACKUP ENABLED='Y' BACKUP_TO='/mnt/usb' SKIP_OFFSITE_BACKUP='Y'/>", ImportVerdict.Imported, "no backup offsite")]
    [InlineData("<BANDWIDTH_CONTROL/>", ImportVerdict.NotImported, "The setting BANDWIDTH_CONTROL has no counterpart.")]
    public void Each_setting_of_a_file_set_is_reported(string element, ImportVerdict verdict, string words)
    {
        var plan = Read($"<BACKUP_SET ID='1' NAME='Docs' TYPE='FILE'><SEL-SOURCE>/data</SEL-SOURCE>{element}</BACKUP_SET>");

        plan.Reports(verdict, words);
        Assert.Single(plan.Items);
    }

    [Theory]
    [InlineData("EXCHANGE")]
    [InlineData("SHADOWPROTECT")]
    [InlineData("ORACLE")]
    public void Sets_of_other_types_are_reported(string type)
    {
        var plan = Read($"<BACKUP_SET ID='1' NAME='Mail' TYPE='{type}'><SEL-SOURCE>/data</SEL-SOURCE></BACKUP_SET>");

        plan.Reports(ImportVerdict.NotImported, $"of the type {type} are not supported");
        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void A_file_set_becomes_an_item_with_its_rule()
    {
        var plan = Read("""
            <BACKUP_SET ID="1119083740107" NAME="Docs" TYPE="FILE">
              <SEL-SOURCE>/home/anna</SEL-SOURCE><SEL-SOURCE>/srv/[web]</SEL-SOURCE>
              <DE-SOURCE>/home/anna/[old] *</DE-SOURCE>
              <PRE_CMD ID="1" NAME="stop" PATH="systemctl stop shop" WORKING_DIR="/srv/my shop"/>
              <POST_CMD ID="2" NAME="start" PATH="systemctl start shop"/>
              <WEEKLY_SCHEDULE NAME="week" MON="Y" FRI="Y" SUN="N" HOUR="3" MINUTE="35" DURATION="6"/>
              <MONTHLY_SCHEDULE NAME="month" DAY="10" HOUR="4" MINUTE="0" DURATION="6"/>
              <RETENTION_POLICY UNIT="DAYS" PERIOD="30"/>
            </BACKUP_SET>
            """);

        var (id, item) = Assert.Single(plan.Items);
        Assert.Equal(("engine1/file", "Docs", ImportRun.Device), (item.Engine, item.Description, item.OwnerDevice));
        Assert.Equal(["/home/anna", "/srv/[web]"], item.Values("INCLUDE"));
        Assert.Equal([@"/home/anna/\[old] \*"], item.Values("EXCLUDE"));
        Assert.Equal(["cd '/srv/my shop' && systemctl stop shop"], item.PreExec);
        Assert.Equal(["systemctl start shop"], item.PostExec);
        var rule = Assert.Single(plan.Rules).Value;
        Assert.Equal((id, ImportRun.Offsite, 6 * 3600L), (rule.Source, rule.Destination, rule.StopAfter));
        Assert.Equal("Fri-06.03-03:35 Mon-09.03-03:35 Tue-10.03-04:00 Fri-13.03-03:35", rule.Times("2026-03-03T00:00:00Z", 4));
        var kept = item.OverrideDestinationRetention[ImportRun.Offsite].Ranges.Single();
        Assert.Equal((902, 30), (kept.Type, kept.Days));
        Assert.Empty(plan.Vaults);
    }

    [Fact]
    public void A_local_copy_becomes_a_local_vault_with_its_own_retention_and_can_replace_the_server()
    {
        const string Set = """
            <BACKUP_SET ID="1" NAME="Docs" TYPE="FILE"><SEL-SOURCE>/data</SEL-SOURCE><DAILY_SCHEDULE HOUR="22"/>
              <RETENTION_POLICY UNIT="JOBS" PERIOD="9"/>
              <EXTRA_LOCAL_BACKUP ENABLED="Y" BACKUP_TO="/mnt/usb" SKIP_OFFSITE_BACKUP="{0}" ENABLE_RETENTION="Y" PERIOD="7" UNIT="DAYS"/>
            </BACKUP_SET>
            """;
        var both = Read(Set.Replace("{0}", "N", StringComparison.Ordinal));
        var only = Read(Set.Replace("{0}", "Y", StringComparison.Ordinal));

        var (vault, config) = Assert.Single(both.Vaults);
        Assert.Equal((DestinationTypes.LocalPath, "/mnt/usb"), (config.DestinationType, config.LocalcopyPath));
        Assert.Equal(new[] { vault, ImportRun.Offsite }.Order(), both.Rules.Values.Select(rule => rule.Destination).Order());
        Assert.Equal(vault, Assert.Single(only.Rules).Value.Destination);
        var retention = both.Items.Values.Single().OverrideDestinationRetention;
        Assert.Equal((7, 9), (retention[vault].Ranges.Single().Days, retention[ImportRun.Offsite].Ranges.Single().Jobs));
    }

    [Fact]
    public void A_local_copy_uses_a_vault_that_is_there()
    {
        _run.Profile.Destinations["usb"] = new DestinationConfig
        {
            Description = "USB",
            DestinationType = DestinationTypes.LocalPath,
            LocalcopyPath = "/mnt/usb/",
        };
        var plan = Read("""
            <BACKUP_SET NAME="Docs" TYPE="FILE"><SEL-SOURCE>/data</SEL-SOURCE><EXTRA_LOCAL_BACKUP ENABLED="Y" BACKUP_TO="/mnt/usb"/>
            </BACKUP_SET>
            """);

        Assert.Empty(plan.Vaults);
        Assert.Contains("usb", plan.Rules.Values.Select(rule => rule.Destination));
        plan.Reports(ImportVerdict.Imported, "The vault 'USB' is there already");
    }

    [Fact]
    public void MySql_becomes_the_output_of_a_program()
    {
        var plan = Read("""
            <BACKUP_SET NAME="Shop" TYPE="MYSQL" HOST="db.example.com" PORT="3307" ADMIN_USERNAME="root">
              <SEL-SOURCE>MySQL/shop</SEL-SOURCE><SEL-SOURCE>MySQL/it's</SEL-SOURCE>
            </BACKUP_SET>
            """);

        var item = Assert.Single(plan.Items).Value;
        Assert.Equal("engine1/stdout", item.Engine);
        Assert.Equal(
            @"mysqldump --single-transaction --routines --host=db.example.com --port=3307 --user=root --databases shop 'it'\''s'",
            item.EngineProps["COMMAND"]);
        plan.Reports(ImportVerdict.Changed, "Its password is not imported");
    }

    [Fact]
    public void Sql_server_needs_selected_instances()
    {
        var one = Read("<BACKUP_SET NAME='S' TYPE='MSSQL'><SEL-SOURCE>Microsoft SQL Server/SHOP/orders</SEL-SOURCE></BACKUP_SET>");
        var all = Read("<BACKUP_SET NAME='S' TYPE='MSSQL'><SEL-SOURCE>Microsoft SQL Server</SEL-SOURCE></BACKUP_SET>");

        var item = Assert.Single(one.Items).Value;
        Assert.Equal(("engine1/mssql", "SHOP"), (item.Engine, item.EngineProps["INSTANCE"]));
        Assert.Equal(["orders"], item.Values("DATABASE"));
        Assert.Empty(all.Items);
        all.Reports(ImportVerdict.NotImported, "\"All instances\" is not supported");
    }

    [Fact]
    public void Without_a_vault_on_a_server_the_item_is_imported_without_a_rule()
    {
        _run.Profile.Destinations.Clear();
        var plan = Read("<BACKUP_SET NAME='Docs' TYPE='FILE'><SEL-SOURCE>/data</SEL-SOURCE><DAILY_SCHEDULE HOUR='1'/></BACKUP_SET>");

        Assert.Single(plan.Items);
        Assert.Empty(plan.Rules);
        plan.Reports(ImportVerdict.NotImported, "The account has no vault on a server, so no rule was made.");
    }

    private ImportPlan Read(string sets) => _run.Read(ImportKind.Ahsay, "profile.xml", $"<USER LOGIN_NAME='anna'>{sets}</USER>");
}
