using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.MissedBackups;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.AuthRole.MissedBackups;

public class MissedBackupTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [DatabaseData]
    public async Task Backups_that_did_not_start_are_written_down_once(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var server = new RoleServer(host);
        var owner = await server.AddAccountAsync(profile: Profile());
        var missed = host.Service<MissedBackupsWork>();
        // Switched on now: nothing of the past counts.
        await missed.RunOnceAsync(default);
        Assert.Empty(await JobsAsync(server, owner));

        // Due at half past two on the wall of Berlin, on the day on which that time does not exist.
        time.SetUtcNow(new DateTimeOffset(2026, 3, 29, 1, 40, 0, TimeSpan.Zero));
        await missed.RunOnceAsync(default);
        Assert.Empty(await JobsAsync(server, owner));
        time.SetUtcNow(new DateTimeOffset(2026, 3, 29, 1, 50, 0, TimeSpan.Zero));
        await Task.WhenAll(missed.RunOnceAsync(default), missed.RunOnceAsync(default));
        await missed.RunOnceAsync(default);

        var job = JobDocument.Read(Assert.Single(await JobsAsync(server, owner)).Document);
        var due = new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        Assert.Equal((JobStatus.Missed, JobClassification.Backup, due, due), (job.Status, job.Classification, job.StartTime, job.EndTime));
        Assert.Equal(("source", "vault", "device", "rule"), (job.SourceGUID, job.DestinationGUID, job.DeviceID, job.BackupRuleGUID));
    }

    [Theory]
    [DatabaseData]
    public async Task A_backup_that_started_about_then_is_not_missed_and_a_restore_is_none(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var server = new RoleServer(host);
        var missed = host.Service<MissedBackupsWork>();
        await missed.RunOnceAsync(default);
        var due = new DateTimeOffset(2026, 3, 30, 0, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(due - (23 * 3600)));
        async Task<int> MissedWhenAsync(long started, JobClassification classification)
        {
            var owner = await server.AddAccountAsync(profile: Profile());
            var job = RoleServer.Job(JobStatus.Success, classification);
            (job.StartTime, job.EndTime) = (started, started + 1);
            await server.ReportAsync(owner, job);
            await missed.RunOnceAsync(default);
            return (await JobsAsync(server, owner)).Count(found => found.Status == JobStatus.Missed);
        }

        time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(due + 1200));
        // The day before is looked at while there are no accounts; the periodic job may or may not have been as quick.
        await missed.RunOnceAsync(default);
        Assert.Equal(0, await MissedWhenAsync(due - 300, JobClassification.Backup));
        Assert.Equal(0, await MissedWhenAsync(due + 900, JobClassification.Backup));
        Assert.Equal(1, await MissedWhenAsync(due + 901, JobClassification.Backup));
        Assert.Equal(1, await MissedWhenAsync(due - 301, JobClassification.Backup));
        Assert.Equal(1, await MissedWhenAsync(due, JobClassification.Restore));
    }

    [Theory]
    [DatabaseData]
    public async Task A_backup_that_a_device_reports_after_days_off_line_was_not_missed(TestDatabase database)
    {
        var time = new FakeTimeProvider(Start);
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var server = new RoleServer(host);
        var profile = Profile();
        profile.BackupRules["rule"].Schedules[0].RandomDelaySecs = 3600;
        var owner = await server.AddAccountAsync(profile: profile);
        var missed = host.Service<MissedBackupsWork>();
        await missed.RunOnceAsync(default);
        var due = new DateTimeOffset(2026, 3, 30, 0, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        for (var day = 0; day < 3; day++)
        {
            time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(due + (day * 86_400) + 5000));
            await missed.RunOnceAsync(default);
        }

        Assert.Equal([due - 82_800, due, due + 86_400, due + (2 * 86_400)], await MissedTimesAsync(server, owner));
        async Task ReportAsync(long started, string vault = "vault")
        {
            var job = RoleServer.Job(JobStatus.Success);
            (job.StartTime, job.EndTime, job.DestinationGUID) = (started, started + 60, vault);
            await server.ReportAsync(owner, job);
        }

        await ReportAsync(due, "another vault");
        await ReportAsync(due + 3600 + 901);
        Assert.Equal([due - 82_800, due, due + 86_400, due + (2 * 86_400)], await MissedTimesAsync(server, owner));
        await ReportAsync(due + 3600 + 900);
        await ReportAsync(due + 86_400 - 300);
        Assert.Equal([due - 82_800, due + (2 * 86_400)], await MissedTimesAsync(server, owner));
        await missed.RunOnceAsync(default);
        Assert.Equal([due - 82_800, due + (2 * 86_400)], await MissedTimesAsync(server, owner));
    }

    private static async Task<IEnumerable<long>> MissedTimesAsync(RoleServer server, JobOwner owner) =>
        (await JobsAsync(server, owner)).Where(job => job.Status == JobStatus.Missed).Select(job => job.StartTime).Order();

    private static UserProfileConfig Profile() => new()
    {
        Devices = { ["device"] = new DeviceConfig { DeviceTimezone = "Europe/Berlin" } },
        Sources = { ["source"] = new SourceConfig { OwnerDevice = "device" } },
        Destinations = { ["vault"] = new DestinationConfig() },
        BackupRules =
        {
            ["rule"] = new BackupRuleConfig
            {
                Source = "source",
                Destination = "vault",
                Schedules = [new ScheduleConfig { FrequencyType = 8011, SecondsPast = 9000 }],
            },
        },
    };

    private static Task<List<BackupJob>> JobsAsync(RoleServer server, JobOwner owner) =>
        server.QueryAsync(context => context.Set<BackupJob>().Where(job => job.AccountId == owner.AccountId));
}
