using System.Text.Json;
using Halley.Protocol.Events;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Events;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.BackupJobs;

public class JobReportTests(RoleServers servers) : IClassFixture<RoleServers>
{
    [Theory]
    [DatabaseData]
    public async Task A_job_is_kept_whole_with_fields_of_newer_clients(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync("tenant");
        var job = RoleServer.Job();
        job.FurtherFields = new() { ["NewField"] = JsonSerializer.SerializeToElement(new { Deep = 1 }) };
        job.Username = "somebody else";
        await server.ReportAsync(owner, job);

        var stored = await server.FindAsync(job.GUID);

        Assert.Equal(owner.Username, stored.Username);
        Assert.Equal("{\"Deep\":1}", stored.FurtherFields!["NewField"].ToString());
    }

    [Theory]
    [DatabaseData]
    public async Task Reports_that_arrive_late_or_twice_change_nothing(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var id = Guid.NewGuid().ToString();
        BackupJobDetail Report(long counter, JobStatus status = JobStatus.Running)
        {
            var job = RoleServer.Job(status);
            (job.GUID, job.UploadSize, job.Progress) = (id, counter, new BackupJobProgress { Counter = counter });
            return job;
        }

        await server.ReportAsync(owner, Report(1));
        await server.ReportAsync(owner, Report(3));
        Assert.Equal(3, (await server.ReportAsync(owner, Report(2))).UploadSize);
        await server.ReportAsync(owner, Report(5, JobStatus.Success));
        await server.ReportAsync(owner, Report(4));
        await server.ReportAsync(owner, Report(9));
        var ended = await server.ReportAsync(owner, Report(6, JobStatus.Error));

        Assert.Equal((JobStatus.Success, 5), (ended.Status, ended.UploadSize));
        Assert.Equal([StreamableEventType.JobNew, StreamableEventType.JobCompleted], await EventsOfAsync(server, id));
    }

    [Theory]
    [DatabaseData]
    public async Task Many_reports_of_one_job_at_once_leave_the_last_one(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var id = Guid.NewGuid().ToString();
        await Parallel.ForEachAsync(Enumerable.Range(1, 12), async (counter, _) =>
        {
            var job = RoleServer.Job();
            (job.GUID, job.Progress) = (id, new BackupJobProgress { Counter = counter });
            await server.ReportAsync(owner, job);
        });

        Assert.Equal(12, (await server.FindAsync(id)).Progress!.Counter);
        Assert.Equal([StreamableEventType.JobNew], await EventsOfAsync(server, id));
    }

    [Theory]
    [DatabaseData]
    public async Task An_abandoned_job_that_reports_again_is_revived_and_ends_as_it_says(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var job = RoleServer.Job();
        await server.ReportAsync(owner, job);

        var abandoned = await server.CallAsync("job/abandon", ("TargetUser", owner.Username), ("JobID", job.GUID));
        var given = await server.FindAsync(job.GUID);
        var revived = await server.ReportAsync(owner, Again(job));
        var still = await server.ReportAsync(owner, Again(job));
        var final = Again(job);
        final.Status = JobStatus.Success;
        var ended = await server.ReportAsync(owner, final);

        Assert.Equal(200, abandoned.GetProperty("Status").GetInt32());
        Assert.Equal(JobStatus.Abandoned, given.Status);
        Assert.True(given.EndTime > 0);
        Assert.Equal((JobStatus.RunningRevived, 0), (revived.Status, revived.EndTime));
        Assert.Equal(JobStatus.RunningRevived, still.Status);
        Assert.Equal(JobStatus.Success, ended.Status);
        Assert.Equal(
            [StreamableEventType.JobNew, StreamableEventType.JobCompleted, StreamableEventType.JobNew, StreamableEventType.JobCompleted],
            await EventsOfAsync(server, job.GUID));
    }

    [Theory]
    [DatabaseData]
    public async Task Jobs_that_cannot_be_alive_are_given_up(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var first = RoleServer.Job();
        var otherSource = RoleServer.Job();
        otherSource.SourceGUID = "other";
        var otherDevice = RoleServer.Job();
        (otherDevice.DeviceID, otherDevice.SourceGUID) = ("second", "third");
        foreach (var job in new[] { first, otherSource, otherDevice })
        {
            await server.ReportAsync(owner, job);
        }

        var again = RoleServer.Job();
        await server.ReportAsync(owner, again);
        Assert.Equal(JobStatus.Abandoned, (await server.FindAsync(first.GUID)).Status);
        Assert.Equal(JobStatus.Running, (await server.FindAsync(otherSource.GUID)).Status);

        await server.ReportAsync(owner, RoleServer.Job(JobStatus.Success, JobClassification.Update));
        Assert.Equal(JobStatus.Abandoned, (await server.FindAsync(otherSource.GUID)).Status);
        Assert.Equal(JobStatus.Running, (await server.FindAsync(otherDevice.GUID)).Status);

        await server.ReportAsync(owner, RoleServer.Job(JobStatus.Success, JobClassification.Retention));
        Assert.Equal(JobStatus.Abandoned, (await server.FindAsync(otherDevice.GUID)).Status);
    }

    [Theory]
    [DatabaseData]
    public async Task Statistics_tell_the_last_and_the_last_good_backup(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var profile = new UserProfileConfig { Sources = { ["source"] = new SourceConfig(), ["never"] = new SourceConfig() } };
        var owner = await server.AddAccountAsync(profile: profile);
        var late = RoleServer.Job(JobStatus.Error);
        late.StartTime += 1000;
        late.EndTime += 1000;
        await server.ReportAsync(owner, late);
        await server.ReportAsync(owner, RoleServer.Job(JobStatus.Success));
        await server.ReportAsync(owner, RoleServer.Job(JobStatus.Success, JobClassification.Restore));

        var stored = (await server.Host.Service<ProfileStore>().FindAsync(owner.Username, server.Everything.Tenant, default))!;
        await server.Host.Service<SourceStatusStore>().FillAsync([stored], default);

        var statistics = stored.Profile.Sources["source"].Statistics;
        Assert.Equal(late.StartTime, statistics.LastStartTime);
        Assert.Equal((JobStatus.Error, late.GUID), (statistics.LastBackupJob.Status, statistics.LastBackupJob.GUID));
        Assert.Equal(JobStatus.Success, statistics.LastSuccessfulBackupJob.Status);
        Assert.Equal("", stored.Profile.Sources["never"].Statistics.LastBackupJob.GUID);
    }

    [Theory]
    [DatabaseData]
    public async Task Log_is_read_in_pages_that_begin_in_the_middle_of_a_part(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var job = RoleServer.Job();
        await server.ReportAsync(owner, job);
        var logs = server.Host.Service<JobLogStore>();
        for (var first = 0; first < 9; first += 3)
        {
            var part = Enumerable.Range(first, 3)
                .Select(number => new JobEntry { Severity = number == 7 ? "E" : "I", Message = $"{number}" });
            Assert.Null(await logs.AppendAsync(owner, job.GUID, first, [.. part], default));
        }

        async Task<(string Numbers, long? Next)> PageAsync(int rank, long from)
        {
            var (entries, next) = await logs.PageAsync(job.GUID, rank, from, count: 4, default);
            return (string.Concat(entries.Select(entry => entry.Message)), next);
        }

        Assert.Equal(("0123", 4L), await PageAsync(rank: 0, from: 0));
        Assert.Equal(("4567", 8L), await PageAsync(rank: 0, from: 4));
        Assert.Equal(("8", null), await PageAsync(rank: 0, from: 8));
        Assert.Equal(("7", null), await PageAsync(JobLogStore.Rank("W"), from: 0));
    }

    [Theory]
    [DatabaseData]
    public async Task What_cannot_be_stored_is_refused_with_a_reason(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var stranger = await server.AddAccountAsync();
        var job = RoleServer.Job();
        await server.ReportAsync(owner, job);
        async Task<string?> TryAsync(JobOwner from, Action<BackupJobDetail> damage)
        {
            var wrong = RoleServer.Job();
            damage(wrong);
            return (await server.Reports.ReportAsync(from, wrong, default)).Refusal?.Code;
        }

        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.GUID = "no guid"));
        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.Status = (JobStatus)1));
        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.Classification = (JobClassification)9));
        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.DeviceID = "a\0b"));
        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.SourceGUID = new string('x', 200)));
        Assert.Equal("job_invalid", await TryAsync(owner, wrong => wrong.Tags = new string('x', 100_000)));
        Assert.Equal("job_conflict", await TryAsync(stranger, wrong => wrong.GUID = job.GUID));
        Assert.Equal(
            "job_not_found", (await server.Reports.UpdateAsync(owner, Guid.NewGuid().ToString(), RoleServer.Job(), default)).Refusal?.Code);
    }

    private static BackupJobDetail Again(BackupJobDetail job)
    {
        var report = RoleServer.Job();
        report.GUID = job.GUID;
        return report;
    }

    private static Task<List<StreamableEventType>> EventsOfAsync(RoleServer server, string jobId) =>
        server.QueryAsync(database => database.Set<EventRecord>().Where(record => record.ResourceId == jobId)
            .OrderBy(record => record.Sequence).Select(record => record.Type));
}
