using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Halley.Protocol;
using Halley.Server.Administrators;
using Halley.Server.Credentials;
using Halley.Server.Data;
using Halley.Server.Settings.Resources;
using Halley.Server.Settings.Statistics;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Organizations;

public class SettingsTests
{
    private static readonly byte[] Png = [0x89, .. "PNG\r\n\u001a\n and the rest of a picture"u8];

    [Theory]
    [DatabaseData]
    public async Task Configuration_is_read_and_set_and_counts_at_once(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        await host.AddOrganizationAsync("Acme");
        var before = await host.CallAsync("meta/version");
        var config = JsonNode.Parse((await host.CallAsync("meta/server-config/get")).ToString())!.AsObject();
        Assert.Matches("^([A-Z0-9]{4}-){5}[A-Z0-9]{4}$", (string?)config["License"]!["SerialNumber"]);
        Assert.Single(config["Organizations"]!.AsObject());

        config["AuthenticationRole"]!["PruneLogsAfterDays"] = 7;
        config["OwnField"] = "kept";
        await host.CallAsync("meta/server-config/set", ("Config", config.ToJsonString()));

        var after = await host.CallAsync("meta/version");
        Assert.True(after.GetProperty("ServerStartTime").GetInt64() > before.GetProperty("ServerStartTime").GetInt64());
        Assert.NotEqual(before.GetProperty("ServerStartHash").GetString(), after.GetProperty("ServerStartHash").GetString());
        var read = await host.CallAsync("meta/server-config/get");
        Assert.Equal(7, read.GetProperty("AuthenticationRole").GetProperty("PruneLogsAfterDays").GetInt32());
        Assert.Equal("kept", read.GetProperty("OwnField").GetString());
        Assert.Equal(7, (await BrandingAsync(host)).GetProperty("PruneLogsAfterDays").GetInt32());
    }

    [Fact]
    public async Task Configuration_that_cannot_be_is_refused_and_changes_nothing()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var config = (await host.CallAsync("meta/server-config/get")).ToString();
        Action<JsonNode>[] wrong =
        [
            node => node["SessionSettings"]!["ExpiredInSeconds"] = 1_000_000,
            node => node["AuthenticationRole"]!["PruneLogsAfterDays"] = -1,
            node => node["AdminUsers"] = "text",
        ];
        foreach (var change in wrong)
        {
            var node = JsonNode.Parse(config)!;
            change(node);
            var answer = await host.CallAsAsync(ServerHost.Username, "meta/server-config/set", ("Config", node.ToJsonString()));
            Assert.True(Tenants.StatusOf(answer) == 400, answer.ToString());
        }

        Assert.Equal(config, (await host.CallAsync("meta/server-config/get")).ToString());
    }

    [Fact]
    public async Task Configuration_of_another_server_applies_what_exists_here_and_lists_the_rest()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.CallAsync("admin-user/new", ("TargetUser", "bob"), ("TargetPassword", "the password of bob"));
        var config = JsonNode.Parse((await host.CallAsync("meta/server-config/get")).ToString())!;
        config["AuthenticationRole"]!["PruneLogsAfterDays"] = 7;
        config["AuthenticationRole"]!["RemoteStorage"] = JsonNode.Parse(
            """[{"Type":"b2","Description":"Cloud"},{"Type":"comet","RemoteAddress":"$self$","ID":"here"}]""");
        config["SoftwareBuildRole"]!["RoleEnabled"] = true;
        config["ConstellationRole"]!["RoleEnabled"] = true;
        config["StorageRole"]!["Storage"]!["DestinationType"] = 1002;
        config["Organizations"] = JsonNode.Parse("""{"x":{"Name":"x"}}""");
        config["ListenAddresses"] = JsonNode.Parse("""[{"ListenAddress":"0.0.0.0:1"}]""");
        var users = config["AdminUsers"]!.AsArray();
        users.Single(user => (string?)user!["Username"] == "bob")!["Permissions"]!["PreventServerShutdown"] = true;
        users.Add(JsonNode.Parse("""{"Username":"eve","PasswordFormat":0,"Password":"let me in please"}"""));
        users.Add(JsonNode.Parse("""{"Username":"mallory","PasswordFormat":5,"Password":"of-another-server"}"""));

        var answer = await host.CallAsync("meta/server-config/set", ("Config", config.ToJsonString()));

        var message = answer.GetProperty("Message").GetString()!;
        Assert.All(
            [
                "SoftwareBuildRole", "ConstellationRole", "StorageRole.Storage", "RemoteStorage Cloud", "Organizations", "ListenAddresses",
                "AdminUsers mallory",
            ],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("bob", message, StringComparison.Ordinal);
        Assert.DoesNotContain("eve", message, StringComparison.Ordinal);
        var after = await host.CallAsync("meta/server-config/get");
        Assert.Equal(7, after.GetProperty("AuthenticationRole").GetProperty("PruneLogsAfterDays").GetInt32());
        Assert.Equal(
            "here",
            after.GetProperty("AuthenticationRole").GetProperty("RemoteStorage").EnumerateArray().Single().GetProperty("ID").GetString());
        Assert.False(after.GetProperty("SoftwareBuildRole").GetProperty("RoleEnabled").GetBoolean());
        Assert.Empty(after.GetProperty("Organizations").EnumerateObject());
        var named = after.GetProperty("AdminUsers").EnumerateArray().ToDictionary(user => user.GetProperty("Username").GetString()!);
        Assert.Equal(["alice", "bob", "eve"], named.Keys.Order(StringComparer.Ordinal));
        Assert.True(named["bob"].GetProperty("Permissions").GetProperty("PreventServerShutdown").GetBoolean());
        Assert.Equal(200, Tenants.StatusOf(await host.CallCometAsync(
            "admin/account/session-start", [new("Username", "eve"), new("AuthType", "Password"), new("Password", "let me in please")])));
    }

    [Fact]
    public async Task Hash_of_an_administrator_is_taken_and_renewed_at_the_next_sign_in_or_refused_with_the_reason()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        await host.CallAsync("admin-user/new", ("TargetUser", "bob"), ("TargetPassword", "the password of bob"));
        var theirs = BCrypt.Net.BCrypt.EnhancedHashPassword("a password of elsewhere", BCrypt.Net.HashType.SHA512, 6);

        Assert.Contains("PasswordFormat 7", await SetAsync("eve", 7, theirs), StringComparison.Ordinal);
        Assert.Contains("not bcrypt", await SetAsync("bob", 1, "$argon2id$v=19$m=65536"), StringComparison.Ordinal);
        Assert.Contains("work factor 14", await SetAsync("eve", 1, theirs.Replace("$06$", "$14$", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(200, await SignInAsync("bob", "the password of bob"));
        foreach (var name in new[] { "eve", "bob" })
        {
            Assert.Equal("OK", await SetAsync(name, 1, theirs));
            Assert.Equal(403, await SignInAsync(name, "the password of bob"));
            Assert.Equal(200, await SignInAsync(name, "a password of elsewhere"));
            var hasher = host.Service<CredentialHasher>();
            await using var database = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
            var stored = await database.Set<Administrator>().SingleAsync(administrator => administrator.UserName == name);
            Assert.False(hasher.NeedsRehash(stored.PasswordFormat, stored.PasswordHash!));
            Assert.NotEqual(theirs, stored.PasswordHash);
        }

        async Task<string> SetAsync(string name, int format, string hash)
        {
            var config = JsonNode.Parse((await host.CallAsync("meta/server-config/get")).ToString())!;
            var users = config["AdminUsers"]!.AsArray();
            if (users.SingleOrDefault(user => (string?)user!["Username"] == name) is not { } user)
            {
                users.Add(user = new JsonObject { ["Username"] = name, ["AllowPasswordLogin"] = true });
            }

            (user["PasswordFormat"], user["Password"]) = (format, hash);
            return (await host.CallAsync("meta/server-config/set", ("Config", config.ToJsonString()))).GetProperty("Message").GetString()!;
        }

        async Task<int> SignInAsync(string name, string password) => Tenants.StatusOf(await host.CallCometAsync(
            "admin/account/session-start", [new("Username", name), new("AuthType", "Password"), new("Password", password)]));
    }

    [Theory]
    [DatabaseData]
    public async Task Branding_of_a_tenant_is_shown_at_its_host_with_its_logo(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var tenant = await host.AddOrganizationAsync("Acme", "acme.test");
        await host.AddAdministratorAsync("anna", tenant, """{"AllowEditBranding":true}""");
        await host.AddAdministratorAsync("bert", tenant);
        Assert.Equal(("Halley", false), Shown(await BrandingAsync(host)));

        var hash = (await UploadAsync(host, Png)).GetProperty("ResourceHash").GetString()!;
        await host.CallAsync(
            "meta/branding-config/set", ("BrandingConfig", $$"""{"ProductName":"Acme Backup","LogoImage":"resource://{{hash}}"}"""));
        Assert.Equal(("Acme Backup", true), Shown(await BrandingAsync(host)));
        Assert.Equal(("Halley", false), Shown(await BrandingAsync(host, "acme.test")));
        using var logo = await host.Http.GetAsync(new Uri(Routes.BrandingLogo, UriKind.Relative));
        Assert.Equal("image/png", logo.Content.Headers.ContentType?.ToString());
        Assert.Equal(Png, await logo.Content.ReadAsByteArrayAsync());

        using var client = host.CreateClient();
        client.DefaultRequestHeaders.Host = "acme.test";
        async Task<string> SetAsync(string name) => await (await client.PostAsync(
            new Uri("/api/v1/admin/meta/branding-config/set", UriKind.Relative),
            new FormUrlEncodedContent([
                new("Username", name), new("AuthType", "Password"), new("Password", ServerHost.Password),
                new("BrandingConfig", """{"ProductName":"Of the tenant"}"""),
            ]))).Content.ReadAsStringAsync();
        Assert.Contains("403", await SetAsync("bert"), StringComparison.Ordinal);
        Assert.Contains("200", await SetAsync("anna"), StringComparison.Ordinal);
        Assert.Equal(("Of the tenant", false), Shown(await BrandingAsync(host, "acme.test")));
        Assert.Equal(("Acme Backup", true), Shown(await BrandingAsync(host)));
    }

    [Theory]
    [DatabaseData]
    public async Task Resource_is_kept_while_something_refers_to_it(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var used = (await UploadAsync(host, Png)).GetProperty("ResourceHash").GetString()!;
        var unused = (await UploadAsync(host, [.. Png, 1])).GetProperty("ResourceHash").GetString()!;
        Assert.Equal(used, (await UploadAsync(host, Png)).GetProperty("ResourceHash").GetString());
        Assert.Equal(400, Tenants.StatusOf(await UploadAsync(host, new byte[ResourceStore.LargestFile + 1])));
        Assert.Equal(400, Tenants.StatusOf(await UploadAsync(host, [])));
        await host.CallAsync("meta/branding-config/set", ("BrandingConfig", $$"""{"LogoImage":"resource://{{used}}"}"""));

        var pruning = host.Service<Server.Organizations.ResourcePruningWork>();
        await pruning.RunOnceAsync(default);
        Assert.Equal([.. Png, 1], (await RawAsync(host, "meta/resource/get", ("Hash", unused))).Body);
        time.Advance(TimeSpan.FromHours(25));
        await pruning.RunOnceAsync(default);

        Assert.Equal(Png, (await RawAsync(host, "meta/resource/get", ("Hash", used))).Body);
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "meta/resource/get", ("Hash", unused))));
    }

    [Fact]
    public async Task Logs_are_listed_by_day_and_read_one_by_one_or_packed()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var folder = Path.Combine(host.DataDirectory, "logs");
        await File.WriteAllTextAsync(Path.Combine(folder, "halley-20300102.log"), "second day\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "halley-20300101.log"), "first day\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "halley-note.log"), "no log of a day");

        var days = (await host.CallAsync("meta/list-available-log-days")).EnumerateArray().Select(day => day.GetInt64()).ToList();
        Assert.Contains(1893456000, days);
        var (type, first) = await RawAsync(host, "meta/read-logs", ("Log", "1893456000"));
        Assert.Equal(("text/plain; charset=utf-8", "first day\n"), (type, Encoding.UTF8.GetString(first)));
        Assert.Equal(["halley-20300101.log:first day\n", "halley-20300102.log:second day\n"],
            Unpack(await RawAsync(host, "meta/read-select-logs", ("Logs", "[1893456000,1893542400]"))));
        Assert.Contains("halley-20300102.log:second day\n", Unpack(await RawAsync(host, "meta/read-all-logs")));
        foreach (var wrong in new[] { "1", "-5", "99999999999999", "x" })
        {
            Assert.NotEqual(200, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "meta/read-logs", ("Log", wrong))));
            Assert.NotEqual(
                200, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "meta/read-select-logs", ("Logs", $"[{wrong}]"))));
        }
    }

    [Theory]
    [DatabaseData]
    public async Task Statistics_are_kept_by_hour_and_by_tenant(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 10, 30, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time });
        var tenant = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("anna", tenant);
        var statistics = host.Service<StatisticsWork>();
        for (var hour = 0; hour < 4; hour++)
        {
            // Not after the last one: the server's own job would count a fifth hour.
            time.Advance(TimeSpan.FromHours(hour == 0 ? 0 : 1));
            await host.AddAccountAsync($"user-{Math.Min(hour, 1)}-{hour}", hour < 2 ? tenant : "");
            await statistics.RunOnceAsync(default);
            await statistics.RunOnceAsync(default);
        }

        var all = await host.CallAsync("meta/stats");
        Assert.Equal([1, 2, 3, 4], all.EnumerateObject().Select(hour => hour.Value.GetProperty("Users").GetInt32()));
        Assert.Equal("1893492000", all.EnumerateObject().First().Name);
        var own = await host.CallAsAsync("anna", "meta/stats");
        Assert.Equal([1, 2, 2, 2], own.EnumerateObject().Select(hour => hour.Value.GetProperty("Users").GetInt32()));
        var simple = await host.CallAsAsync("anna", "meta/stats", ("Simple", "1"));
        Assert.Equal([1, 2, 2], simple.EnumerateObject().Select(hour => hour.Value.GetProperty("Users").GetInt32()));
    }

    [Theory]
    [DatabaseData]
    public async Task Shared_quota_is_saved_by_its_hash_and_counts_what_its_vaults_hold(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        var made = await host.CallAsync(
            "squota/set-with-hash", ("SharedStorageQuotaID", "q"), ("SharedStorageQuota", """{"Description":"Team","LimitBytes":100}"""));
        var hash = made.GetProperty("SharedStorageQuotaHash").GetString()!;
        await host.AddAccountAsync("user", edit: profile =>
        {
            foreach (var (id, quota, size) in new[] { ("1", "q", 40), ("2", "q", 2), ("3", "", 1000) })
            {
                profile.Destinations[id] = new Protocol.Profiles.DestinationConfig
                {
                    StorageLimitID = quota,
                    Statistics =
                        new Protocol.Profiles.DestinationStatistics { ClientProvidedSize = new Protocol.Profiles.SizeMeasurement(size) },
                };
            }
        });

        Assert.Equal(
            42, (await host.CallAsync("squota/get-with-hash", ("SharedStorageQuotaID", "q"))).GetProperty("CurrentUsage").GetInt32());
        var set = ("SharedStorageQuota", """{"Description":"Team","LimitBytes":200}""");
        Assert.Equal(200, Tenants.StatusOf(
            await host.CallAsAsync(ServerHost.Username, "squota/set-with-hash", ("SharedStorageQuotaID", "q"), set, ("CheckHash", hash))));
        Assert.Equal(409, Tenants.StatusOf(
            await host.CallAsAsync(ServerHost.Username, "squota/set-with-hash", ("SharedStorageQuotaID", "q"), set, ("CheckHash", hash))));
        Assert.Equal(
            200, (await host.CallAsync("squota/list-all")).GetProperty("Entries").GetProperty("q").GetProperty("LimitBytes").GetInt32());
        await host.CallAsync("squota/delete", ("SharedStorageQuotaID", "q"));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "squota/delete", ("SharedStorageQuotaID", "q"))));
        Assert.Equal([4803, 4805, 4804], (await host.EventsAsync()).Where(record => record.Resource == "q").Select(record => record.Type));
    }

    private static (string?, bool) Shown(JsonElement branding) =>
        (branding.GetProperty("ProductName").GetString(), branding.GetProperty("HasImage").GetBoolean());

    private static async Task<JsonElement> BrandingAsync(ServerHost host, string? through = null)
    {
        using var client = host.CreateClient();
        client.DefaultRequestHeaders.Host = through;
        return JsonDocument.Parse(await client.GetStringAsync(new Uri(Routes.BrandingProperties, UriKind.Relative))).RootElement;
    }

    private static async Task<JsonElement> UploadAsync(ServerHost host, byte[] content)
    {
        using var file = new ByteArrayContent(content);
        using var form = new MultipartFormDataContent { { file, "upload", "file.dat" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/meta/resource/new") { Content = form };
        request.Headers.Add("X-Comet-Admin-Username", ServerHost.Username);
        request.Headers.Add("X-Comet-Admin-AuthType", "Password");
        request.Headers.Add("X-Comet-Admin-Password", ServerHost.Password);
        using var answer = await host.Http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private static async Task<(string? Type, byte[] Body)> RawAsync(
        ServerHost host, string path, params (string Name, string Value)[] fields)
    {
        using var answer = await host.Http.PostAsync(
            new Uri($"/api/v1/admin/{path}", UriKind.Relative),
            new FormUrlEncodedContent([
                new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
                .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
            ]));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (answer.Content.Headers.ContentType?.ToString(), await answer.Content.ReadAsByteArrayAsync());
    }

    private static IReadOnlyList<string> Unpack((string? Type, byte[] Body) zip)
    {
        Assert.Equal("application/zip", zip.Type);
        using var archive = new ZipArchive(new MemoryStream(zip.Body));
        return [.. archive.Entries.Select(entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return $"{entry.Name}:{reader.ReadToEnd()}";
        })];
    }
}
