using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using static Halley.Server.Tests.AuthRole.Accounts.AccountCalls;

namespace Halley.Server.Tests.Data;

/// <summary>What clients store has a budget, so that no client can fill the disk of the database.</summary>
public class GrowthTests
{
    private const int PartBytes = 300_000;

    [Theory]
    [DatabaseData]
    public async Task Caller_that_has_spent_its_budget_is_refused_whatever_it_stores_and_others_are_not(TestDatabase database)
    {
        await using var host = await StartAsync(database, ("Halley:Growth:CallerBytes", "1048576"));
        await host.AddUserAsync();
        using var device = await SignInAsync(host);
        var job = await ReportAsync(device, JobClassification.Backup);

        Assert.Equal((HttpStatusCode.TooManyRequests, "growth_budget_spent"), await FillAsync(device, job));

        var (profile, hash) = await host.ReadProfileAsync();
        profile.Emails = [.. Enumerable.Range(0, 10_000).Select(number => $"{number}-{new string('x', 30)}@example.com")];
        Assert.Equal(429, (await host.WriteOwnProfileAsync(ByPassword(), profile, hash)).StatusOf());
        using var other = await SignInAsync(host); // sign-in goes on, also for this account
        Assert.Equal(200, (await host.WriteProfileAsync(profile)).StatusOf()); // the operator's word
        await host.AddUserAsync("other");
        using var others = await host.SignInUserAsync(new StartSession("other", Password));
        Assert.NotEmpty(await ReportAsync(others, JobClassification.Backup));
    }

    [Theory]
    [DatabaseData]
    public async Task Organization_has_a_budget_of_its_own_for_files_and_kept_answers(TestDatabase database)
    {
        await using var host = await StartAsync(database, ("Halley:Growth:OrganizationBytes", "1048576"));
        var organization = await host.AddOrganizationAsync("Acme", "acme.example.com");
        await host.AddAdministratorAsync("carol", organization);
        using var carol = await host.SignInThroughAsync("carol", "acme.example.com");

        HttpResponseMessage answer;
        var key = 0;
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Routes.News)
            {
                Content = JsonContent.Create(new { text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(7_000)) }),
                Headers = { { Headers.IdempotencyKey, $"{key++}" } },
            };
            answer = await carol.SendAsync(request);
        }
        while (answer.StatusCode == HttpStatusCode.Created && key < 200);

        Assert.Equal((HttpStatusCode.TooManyRequests, "growth_budget_spent"), (answer.StatusCode, await answer.CodeOfAsync()));
        using var alice = await host.SignInAsync();
        Assert.Equal(HttpStatusCode.Created, (await alice.PostAsJsonAsync(Routes.News, new { text = "News" })).StatusCode);
    }

    [Fact]
    public async Task Files_that_settings_refer_to_count_for_the_organization_of_their_administrator()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite, ("Halley:Growth:OrganizationBytes", "1048576"));
        await host.AddAdministratorAsync("carol", await host.AddOrganizationAsync("Acme", "acme.example.com"));
        var files = new List<int>();
        for (var file = 0; file < 5; file++)
        {
            using var content = new ByteArrayContent(RandomNumberGenerator.GetBytes(PartBytes));
            using var form = new MultipartFormDataContent { { content, "upload", "logo.png" } };
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Routes.CometApi}/admin/meta/resource/new") { Content = form };
            request.Headers.Host = "acme.example.com";
            request.Headers.Add("X-Comet-Admin-Username", "carol");
            request.Headers.Add("X-Comet-Admin-AuthType", "Password");
            request.Headers.Add("X-Comet-Admin-Password", ServerHost.Password);
            using var answer = await host.Http.SendAsync(request);
            files.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).StatusOf());
        }

        Assert.Equal([200, 200, 200, 429, 429], files);
    }

    [Theory]
    [DatabaseData]
    public async Task Reserve_of_the_database_is_kept_for_sign_ins_and_restores(TestDatabase database)
    {
        await using var host = await StartAsync(database, ("Halley:Growth:LargestDatabaseBytes", "1"));
        await host.AddUserAsync();
        using var device = await SignInAsync(host);
        var job = await ReportAsync(device, JobClassification.Backup);

        Assert.Equal((HttpStatusCode.InsufficientStorage, "database_reserve"), await FillAsync(device, job));

        using var other = await SignInAsync(host);
        Assert.NotEmpty(await ReportAsync(other, JobClassification.Restore));
        var ready = await host.Http.GetFromJsonAsync<JsonElement>(Routes.Ready);
        Assert.Equal("degraded", ready.GetProperty("checks").GetProperty("database").GetString());
    }

    private static Task<ServerHost> StartAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Database = database, Settings = settings.ToDictionary(one => one.Name, one => one.Value) });

    private static Task<HttpClient> SignInAsync(ServerHost host) => host.SignInUserAsync(
        new StartSession(User, LKey: LKeyOf(), Device: new RegisterDevice("device", "laptop", new OSInfo(), "1.0", "UTC")));

    private static async Task<string> ReportAsync(HttpClient device, JobClassification classification)
    {
        var job = RoleServer.Job();
        (job.DeviceID, job.Classification) = ("device", classification);
        using var answer = await device.PostAsJsonAsync(Routes.OwnJobs, job, CometJson.Options);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return job.GUID;
    }

    // Sends parts of a log that no compression makes smaller, until one is refused.
    private static async Task<(HttpStatusCode Status, string Code)> FillAsync(HttpClient device, string job)
    {
        for (var part = 0; part < 10; part++)
        {
            var entries = Enumerable.Range(0, PartBytes / 15_000).Select(_ => new
            {
                Severity = "I",
                Message = Convert.ToBase64String(RandomNumberGenerator.GetBytes(11_250)),
            }).ToArray();
            using var answer = await device.PostAsJsonAsync(
                $"{Routes.OwnJobs}/{job}/log", new { First = part * entries.Length, Entries = entries }, CometJson.Options);
            if (answer.StatusCode != HttpStatusCode.NoContent)
            {
                return (answer.StatusCode, await answer.CodeOfAsync());
            }
        }

        return (HttpStatusCode.NoContent, "");
    }
}
