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
using Halley.Server.Tests.Live;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using Microsoft.Data.Sqlite;
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

    [Fact]
    public async Task Devices_that_an_account_registers_are_on_its_budget_and_known_ones_sign_in_without()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite, ("Halley:Growth:CallerBytes", "1048576"));
        await host.AddUserAsync();
        using var first = await SignInAsync(host);
        await FillAsync(first, await ReportAsync(first, JobClassification.Backup)); // most of it

        var (registered, answer) = (0, (HttpStatusCode.Created, ""));
        for (; answer.Item1 == HttpStatusCode.Created && registered < 300; registered++)
        {
            answer = await RegisterAsync(host, User, $"{registered}-{new string('x', 240)}");
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, "growth_budget_spent"), answer);
        using var again = await SignInAsync(host);
        await host.AddUserAsync("other");
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(host, "other", "from the same address")).Status);
    }

    [Fact]
    public async Task Last_jobs_of_items_that_a_device_makes_up_are_on_its_budget()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite, ("Halley:Growth:CallerBytes", "1048576"));
        await host.AddUserAsync();
        using var device = await SignInAsync(host);
        var (stored, status) = (0, HttpStatusCode.OK);
        for (; stored < 20; stored++)
        {
            var job = RoleServer.Job();
            (job.DeviceID, job.SourceGUID, job.Status) = ("device", $"item-{stored}", JobStatus.Success);
            job.Tags = new string('x', 50_000);
            using var answer = await device.PostAsJsonAsync(Routes.OwnJobs, job, CometJson.Options);
            if ((status = answer.StatusCode) != HttpStatusCode.OK)
            {
                break;
            }
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.InRange(stored, 4, 8); // each is stored three times: as a job, as the last one and as the last successful one
    }

    [Fact]
    public async Task Device_that_reports_over_its_connection_has_the_same_budget_and_is_told()
    {
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock: null, ("Halley:Growth:CallerBytes", "1048576"));
        await using var device = await host.AttachAsync();
        var job = RoleServer.Job();
        job.DeviceID = "";
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);

        var (code, part) = ("", 0);
        for (; code.Length == 0 && part < 40; part++)
        {
            code = (await device.AppendLogAsync(Guid.Parse(job.GUID), part * 4L, [.. Enumerable.Range(0, 4).Select(_ => new JobEntry
            {
                Severity = "I",
                Message = Convert.ToBase64String(RandomNumberGenerator.GetBytes(11_250)),
            })])).Code;
        }

        Assert.Equal("growth_budget_spent", code);
        Assert.InRange(part, 10, 39);
    }

    [Fact]
    public async Task Strangers_leave_no_row_in_the_database()
    {
        await using var host = await StartAsync(TestDatabase.Sqlite);
        await host.AddUserAsync();
        var before = CountRows(host);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var (name, device) = ($"nobody-{number}", new RegisterDevice($"stranger-{number}", "laptop", new OSInfo(), "1.0", "UTC"));
            await PostAsync(Routes.Sessions, new StartSession(name, "wrong", Device: device));
            await PostAsync(Routes.Sessions, new StartSession(name, "wrong"));
            await PostAsync(Routes.PreLogin, new { username = name });
            await PostAsync(Routes.InstallTokenSessions, new { token = name, device });
            await host.CallCometAsync(
                "user/web/session/start", [new("Username", name), new("AuthType", "Password"), new("Password", "wrong")]);
            await host.CallCometAsync("admin/add-first-admin-user", [new("TargetUser", name), new("TargetPassword", "not enough")]);
            using var vault = await host.Http.GetAsync(new Uri($"/vault/{name}/config", UriKind.Relative));
        }));

        // The server itself stores a few rows meanwhile.
        Assert.DoesNotContain(CountRows(host), table => table.Value >= before[table.Key] + 8);

        async Task PostAsync(string address, object body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
            request.Headers.Add(Headers.IdempotencyKey, Guid.NewGuid().ToString());
            using var answer = await host.Http.SendAsync(request);
            Assert.InRange((int)answer.StatusCode, 200, 499);
        }
    }

    private static Dictionary<string, long> CountRows(ServerHost host)
    {
        var file = Path.Combine(host.DataDirectory, "halley.db");
        using var database = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        database.Open();
        var tables = Read("SELECT name FROM sqlite_master WHERE type = 'table'", row => row.GetString(0));
        return tables.ToDictionary(table => table, table => Read($"SELECT count(*) FROM \"{table}\"", row => row.GetInt64(0)).Single());

        List<T> Read<T>(string text, Func<SqliteDataReader, T> read)
        {
            using var command = database.CreateCommand();
            command.CommandText = text;
            using var rows = command.ExecuteReader();
            var found = new List<T>();
            while (rows.Read())
            {
                found.Add(read(rows));
            }

            return found;
        }
    }

    private static async Task<(HttpStatusCode Status, string Code)> RegisterAsync(ServerHost host, string user, string device)
    {
        using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(
            user, LKey: LKeyOf(user), Device: new RegisterDevice(device, "laptop", new OSInfo(), "1.0", "UTC")));
        return (answer.StatusCode, answer.IsSuccessStatusCode ? "" : await answer.CodeOfAsync());
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
