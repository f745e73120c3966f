using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol.Jobs;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Testing;
using ServerSettings = Halley.Server.Settings.ServerSettings;

namespace Halley.Server.Tests.AuthRole.BackupJobs;

public class JobCallTests(RoleServers servers) : IClassFixture<RoleServers>
{
    [Theory]
    [DatabaseData]
    public async Task Lists_answer_the_jobs_they_are_asked_for(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var running = await server.ReportAsync(owner, RoleServer.Job());
        var old = RoleServer.Job(JobStatus.Success);
        (old.StartTime, old.EndTime, old.SourceGUID) = (1_500_000_000, 1_500_000_100, "another");
        await server.ReportAsync(owner, old);
        async Task<List<string>> IdsAsync(string call, params (string, string)[] fields) =>
            [.. (await server.CallAsync(call, fields)).EnumerateArray()
                .Where(job => job.GetProperty("Username").GetString() == owner.Username)
                .Select(job => job.GetProperty("GUID").GetString()!).Order(StringComparer.Ordinal)];
        List<string> both = [.. new[] { running.GUID, old.GUID }.Order(StringComparer.Ordinal)];

        Assert.Equal(both, await IdsAsync("get-jobs-all"));
        Assert.Equal([running.GUID], await IdsAsync("get-jobs-recent"));
        Assert.Equal(both, await IdsAsync("get-jobs-for-user", ("TargetUser", owner.Username)));
        Assert.Equal([running.GUID], await IdsAsync("get-jobs-for-date-range", ("Start", "0"), ("End", "0")));
        Assert.Equal([old.GUID], await IdsAsync("get-jobs-for-date-range", ("Start", "1500000050"), ("End", "1500000200")));
        Assert.Equal([old.GUID], await IdsAsync("get-jobs-for-daterange", ("Start", "1500000050"), ("End", "1499999999")));
        Assert.Equal([], await IdsAsync("get-jobs-for-date-range", ("Start", "1500000101"), ("End", "1500000200")));
        const string search = """{"ClauseType":"and","ClauseChildren":["""
            + """{"RuleField":"BackupJobDetail.Username","RuleOperator":"str_eq","RuleValue":"USER"}]}""";
        var all = search.Replace("USER", owner.Username, StringComparison.Ordinal);
        Assert.Equal(both, await IdsAsync("get-jobs-for-custom-search", ("Query", all)));
        Assert.Equal(2, (await server.CallAsync("count-jobs-for-custom-search", ("Query", all))).GetProperty("Count").GetInt32());
        Assert.Equal(6001, (await server.CallAsync("get-job-properties", ("JobID", running.GUID))).GetProperty("Status").GetInt32());
    }

    [Theory]
    [DatabaseData]
    public async Task Unknown_users_jobs_and_wrong_times_are_answered_with_a_status(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        async Task<int> StatusAsync(string call, params (string, string)[] fields) =>
            (await server.CallAsync(call, fields)).GetProperty("Status").GetInt32();

        Assert.Equal(400, await StatusAsync("get-jobs-for-user", ("TargetUser", "nobody-there")));
        Assert.Equal(404, await StatusAsync("get-job-properties", ("JobID", "x")));
        Assert.Equal(404, await StatusAsync("get-job-log", ("JobID", Guid.NewGuid().ToString())));
        Assert.Equal(400, await StatusAsync("get-jobs-for-date-range", ("Start", "yesterday"), ("End", "1")));
        Assert.Equal(400, await StatusAsync("get-jobs-for-custom-search", ("Query", "{]")));
        Assert.Equal(404, await StatusAsync("job/abandon", ("TargetUser", "a"), ("JobID", Guid.NewGuid().ToString())));
    }

    [Theory]
    [DatabaseData]
    public async Task Cancelling_says_why_it_cannot(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var job = RoleServer.Job();
        await server.ReportAsync(owner, job);
        async Task<string> CancelAsync() =>
            (await server.CallAsync("job/cancel", ("TargetUser", owner.Username), ("JobID", job.GUID))).GetProperty("Message").GetString()!;

        Assert.Contains("has not said", await CancelAsync(), StringComparison.Ordinal);
        job.CancellationID = Guid.NewGuid().ToString();
        await server.ReportAsync(owner, job);
        Assert.Contains("not connected", await CancelAsync(), StringComparison.Ordinal);
        job.Status = JobStatus.Cancelled;
        await server.ReportAsync(owner, job);
        Assert.Contains("has ended", await CancelAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseData]
    public async Task Logs_are_appended_once_filtered_and_readable_as_text(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var job = await server.ReportAsync(owner, RoleServer.Job());
        var logs = server.Host.Service<JobLogStore>();
        JobEntry[] entries =
        [
            new() { Time = 1_760_000_000, Severity = "I", Message = "begin" },
            new() { Time = 1_760_000_001, Severity = "W", Message = "two\nlines" },
            new() { Time = 1_760_000_002, Severity = "E", Message = "Broken" },
        ];
        await logs.AppendAsync(owner, job.GUID, 0, entries[..2], default);
        await logs.AppendAsync(owner, job.GUID, 0, entries[..2], default);
        var gap = await logs.AppendAsync(owner, job.GUID, 5, entries[2..], default);
        await logs.AppendAsync(owner, job.GUID, 1, entries[1..], default);

        Assert.Equal("job_conflict", gap?.Code);
        Assert.Equal(3, (await server.CallAsync("get-job-log-entries", ("JobID", job.GUID))).GetArrayLength());
        Assert.Equal(2, (await server.CallAsync("get-job-log-entries", ("JobID", job.GUID), ("MinSeverity", "W"))).GetArrayLength());
        Assert.Equal(
            1, (await server.CallAsync("get-job-log-entries", ("JobID", job.GUID), ("MessageContains", "broken"))).GetArrayLength());
        using var answer = await server.Host.Http.PostAsync("/api/v1/admin/get-job-log", new FormUrlEncodedContent(
        [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password), new("JobID", job.GUID),
        ]));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "2025-10-09 08:53:20 [I] begin\n2025-10-09 08:53:21 [W] two lines\n2025-10-09 08:53:22 [E] Broken\n",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [DatabaseData]
    public async Task Pages_of_the_own_api_follow_each_other_and_take_filters(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync("some-tenant");
        for (var count = 0; count < 5; count++)
        {
            var job = RoleServer.Job(count == 0 ? JobStatus.Error : JobStatus.Success);
            job.StartTime += count / 2;
            await server.ReportAsync(owner, job);
        }

        using var client = await server.Host.SignInAsync();
        var seen = new List<string>();
        for (string? after = ""; after is not null;)
        {
            var page = await client.GetFromJsonAsync<JsonElement>(
                $"/api/v2/jobs?organization=some-tenant&user={owner.Username}&limit=2&after={after}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(job => job.GetProperty("GUID").GetString()!));
            after = page.GetProperty("next").GetString();
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        var search =
            Uri.EscapeDataString("""{"RuleField":"BackupJobDetail.ClientVersion","RuleOperator":"str_startswith","RuleValue":"1."}""");
        var failed = await client.GetFromJsonAsync<JsonElement>($"/api/v2/jobs?user={owner.Username}&status=7002&search={search}");
        Assert.Equal(1, failed.GetProperty("items").GetArrayLength());
        foreach (var wrong in new[] { "limit=0", "after=x", "search=x", "status=abc", "user=%00" })
        {
            using var answer = await client.GetAsync(new Uri($"/api/v2/jobs?{wrong}", UriKind.Relative));
            Assert.Equal((wrong, HttpStatusCode.BadRequest), (wrong, answer.StatusCode));
        }

        using var job404 = await client.GetAsync(new Uri($"/api/v2/jobs/{Guid.NewGuid()}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, job404.StatusCode);
        using var ended = await client.PostAsync(new Uri($"/api/v2/jobs/{seen[0]}/abandon", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Conflict, ended.StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Old_jobs_are_removed_with_their_logs_and_running_ones_stay(TestDatabase database)
    {
        var server = await servers.StartAsync(database);
        var owner = await server.AddAccountAsync();
        var old = RoleServer.Job(JobStatus.Success);
        (old.StartTime, old.EndTime) = (1_400_000_000, 1_400_000_001);
        var running = RoleServer.Job();
        running.StartTime = 1_400_000_000;
        await server.ReportAsync(owner, old);
        await server.ReportAsync(owner, running);
        await server.Host.Service<JobLogStore>().AppendAsync(owner, old.GUID, 0, [new JobEntry { Severity = "I" }], default);
        await server.Host.Service<ServerSettings>().ChangeAsync(
            options => options.AuthenticationRole.PruneLogsAfterDays = 1000,
            default);

        await server.Host.Service<JobPruningWork>().RunOnceAsync(default);
        await server.KeepOldJobsAsync(); // the server is the other tests' too, and prunes by itself

        Assert.Equal([running.GUID], await server.QueryAsync(
            context => context.Set<BackupJob>().Where(job => job.AccountId == owner.AccountId).Select(job => job.Id)));
        Assert.Empty(await server.QueryAsync(context => context.Set<JobLogChunk>().Where(chunk => chunk.JobId == old.GUID)));
    }
}
