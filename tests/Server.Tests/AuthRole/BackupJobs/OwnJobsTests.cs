using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;

namespace Halley.Server.Tests.AuthRole.BackupJobs;

public class OwnJobsTests
{
    [Theory]
    [DatabaseData]
    public async Task A_device_reports_its_jobs_and_the_user_sees_his_own_only(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var server = new RoleServer(host);
        await server.KeepOldJobsAsync();
        await host.AddUserAsync();
        using var device = await host.SignInUserAsync(
            new StartSession(AccountCalls.User, LKey: AccountCalls.LKeyOf(),
                Device: new RegisterDevice("device", "laptop", new OSInfo(), "1.0", "UTC")));
        var strangers = await server.ReportAsync(await server.AddAccountAsync(), RoleServer.Job());
        var job = RoleServer.Job();
        job.DeviceID = "";

        Assert.Equal(HttpStatusCode.OK, await SendAsync(device, HttpMethod.Post, Routes.OwnJobs, job));
        Assert.Equal("device", (await server.FindAsync(job.GUID)).DeviceID);
        (job.Status, job.UploadSize) = (JobStatus.Success, 7);
        Assert.Equal(HttpStatusCode.OK, await SendAsync(device, HttpMethod.Put, $"{Routes.OwnJobs}/{job.GUID}", job));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(device, HttpMethod.Put, $"{Routes.OwnJobs}/{strangers.GUID}", job));
        job.DeviceID = "another";
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(device, HttpMethod.Put, $"{Routes.OwnJobs}/{job.GUID}", job));
        using var log = await device.PostAsJsonAsync(
            $"{Routes.OwnJobs}/{job.GUID}/log", new { First = 0, Entries = new[] { new { Severity = "I", Message = "hello" } } },
            new JsonSerializerOptions());
        Assert.Equal(HttpStatusCode.NoContent, log.StatusCode);
        using var broken =
            await device.PostAsync(new Uri(Routes.OwnJobs, UriKind.Relative), new StringContent("{", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        using var administrator = await host.SignInAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(administrator, HttpMethod.Post, Routes.OwnJobs, job));

        var own = await host.AsUserAsync("get-jobs", AccountCalls.ByPassword());
        Assert.Equal((job.GUID, 7),
            (Assert.Single(own.EnumerateArray()).GetProperty("GUID").GetString(), own[0].GetProperty("UploadSize").GetInt32()));
        Assert.Equal(1, (await host.AsUserAsync("get-job-log-entries", AccountCalls.ByPassword(), ("JobID", job.GUID))).GetArrayLength());
        Assert.Equal(404, (await host.AsUserAsync("get-job-properties", AccountCalls.ByPassword(), ("JobID", strangers.GUID))).StatusOf());
        Assert.Equal(0, (await host.AsUserAsync("get-jobs-for-custom-search", AccountCalls.ByPassword(),
            ("Query", """{"RuleField":"BackupJobDetail.Status","RuleOperator":"int_eq","RuleValue":"6001"}"""))).GetArrayLength());
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path, BackupJobDetail job)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new StringContent(JsonSerializer.Serialize(job, CometJson.Options), Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }
}
