using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Server.Live.Presence;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>Jobs as devices tell of them over their connections.</summary>
public class ReportedJobTests
{
    [Theory]
    [DatabaseData]
    public async Task Jobs_and_logs_come_over_the_connection_twice_and_late(TestDatabase database)
    {
        await using var host = await LiveHost.StartAsync(database);
        await using var device = await host.AttachAsync();
        var job = RoleServer.Job();
        job.DeviceID = "";
        job.Progress = new BackupJobProgress { Counter = 5, BytesDone = 100, ItemsDone = 3, ItemsTotal = 9 };
        var id = Guid.Parse(job.GUID);

        Assert.Equal("", (await device.ReportJobAsync(job)).Code);
        job.Progress.Counter = 4; // overtaken by the one before
        job.Progress.BytesDone = 50;
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);
        Assert.Equal("", (await device.AppendLogAsync(
            id, 0, new JobEntry { Severity = "I", Message = "one" }, new JobEntry { Severity = "I", Message = "two" })).Code);
        Assert.Equal("", (await device.AppendLogAsync(
            id, 1, new JobEntry { Severity = "I", Message = "two" }, new JobEntry { Severity = "W", Message = "three" })).Code);
        Assert.Equal("job_conflict", (await device.AppendLogAsync(id, 9, new JobEntry { Severity = "I" })).Code);
        var running = Assert.Single((await host.DeviceAsync()).RunningJobs);
        Assert.Equal((job.GUID, 100, 3, 9), (running.Id, running.BytesDone, running.ItemsDone, running.ItemsTotal));
        (job.Status, job.UploadSize) = (JobStatus.Success, 7);
        var stored = JsonDocument.Parse((await device.ReportJobAsync(job)).Document).RootElement;
        Assert.Equal((LiveHost.Laptop, 7), (stored.GetProperty("DeviceID").GetString(), stored.GetProperty("UploadSize").GetInt32()));
        Assert.Equal(3, (await host.Server.AsAdministratorAsync("get-job-log-entries", ("JobID", job.GUID))).GetArrayLength());
        Assert.Empty((await host.DeviceAsync()).RunningJobs);

        job.DeviceID = "another";
        Assert.Equal("job_invalid", (await device.ReportJobAsync(job)).Code);
        var strangers = await new RoleServer(host.Server)
            .ReportAsync(await new RoleServer(host.Server).AddAccountAsync(), RoleServer.Job());
        strangers.DeviceID = "";
        Assert.Equal("job_conflict", (await device.ReportJobAsync(strangers)).Code);
        Assert.Equal("job_not_found", (await device.AppendLogAsync(Guid.Parse(strangers.GUID), 0, new JobEntry { Severity = "I" })).Code);
    }

    [Theory]
    [DatabaseData]
    public async Task Job_that_the_device_does_not_name_any_more_is_given_up_with_a_reason_and_revived_when_it_reports(
        TestDatabase database)
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(database, clock);
        await using var device = await host.AttachAsync();
        var (dead, alive) = (RoleServer.Job(), RoleServer.Job());
        (dead.DeviceID, alive.DeviceID, alive.SourceGUID) = ("", "", "another item");
        await device.ReportJobAsync(dead);
        await device.ReportJobAsync(alive);
        await device.BeatAsync(Guid.Parse(dead.GUID), Guid.Parse(alive.GUID));
        await LookAsync();
        Assert.Equal(2, (await host.DeviceAsync()).RunningJobs.Count);

        await device.BeatAsync(Guid.Parse(alive.GUID));
        await LookAsync();
        Assert.Equal(2, (await host.DeviceAsync()).RunningJobs.Count); // once may be a matter of the order of two messages
        await device.BeatAsync(Guid.Parse(alive.GUID));
        await LookAsync();
        Assert.Equal(alive.GUID, Assert.Single((await host.DeviceAsync()).RunningJobs).Id);
        Assert.Equal(
            7007, (await host.Server.AsAdministratorAsync("get-job-properties", ("JobID", dead.GUID))).GetProperty("Status").GetInt32());
        var reason = Assert.Single((await host.Server.AsAdministratorAsync("get-job-log-entries", ("JobID", dead.GUID))).EnumerateArray());
        Assert.Contains("does not run it any more", reason.GetProperty("Message").GetString(), StringComparison.Ordinal);

        await device.AppendLogAsync(Guid.Parse(dead.GUID), 0, new JobEntry { Severity = "I", Message = "first of the device" });
        await device.ReportJobAsync(dead);
        Assert.Equal(
            6002, (await host.Server.AsAdministratorAsync("get-job-properties", ("JobID", dead.GUID))).GetProperty("Status").GetInt32());
        var log = (await host.Server.AsAdministratorAsync("get-job-log-entries", ("JobID", dead.GUID))).EnumerateArray();
        Assert.Equal(["first of the device", reason.GetProperty("Message").GetString()],
            log.Select(entry => entry.GetProperty("Message").GetString()));

        async Task LookAsync()
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            await host.Server.Service<DeadJobsWork>().RunOnceAsync(default);
        }
    }

    [Fact]
    public async Task Job_of_a_device_that_is_away_is_given_up_after_days()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock);
        var job = RoleServer.Job();
        await using (var device = await host.AttachAsync())
        {
            job.DeviceID = "";
            await device.ReportJobAsync(job);
        }

        await host.PassesAsync(TimeSpan.FromSeconds(1), "the device is given up", () => !host.IsConnected());
        clock.Advance(TimeSpan.FromHours(47));
        await host.Server.Service<DeadJobsWork>().RunOnceAsync(default);
        Assert.Single((await FindAsync()).RunningJobs);
        clock.Advance(TimeSpan.FromHours(2));
        await host.Server.Service<DeadJobsWork>().RunOnceAsync(default);
        Assert.Empty((await FindAsync()).RunningJobs);

        async Task<Halley.Protocol.Live.DeviceStatus> FindAsync()
        {
            using var admin = await host.Server.SignInAsync(); // the first session has ended meanwhile
            return (await admin.GetFromJsonAsync<Page<Halley.Protocol.Live.DeviceStatus>>(Routes.Devices))!.Items.Single();
        }
    }
}
