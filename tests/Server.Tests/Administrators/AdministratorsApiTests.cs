using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Tests.Organizations;
using Halley.Testing;

namespace Halley.Server.Tests.Administrators;

public class AdministratorsApiTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Administrator_is_made_changed_and_deleted(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        using var alice = await host.SignInAsync();

        var made = await CreateAsync(alice, "bob", new { });
        Assert.Equal((HttpStatusCode.Created, "bob"), (made.Status, made.Body.GetProperty("username").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, "name_taken"), Code(await CreateAsync(alice, "BOB", new { })));
        Assert.Equal((HttpStatusCode.BadRequest, "administrator_invalid"), Code(await CreateAsync(alice, " x", new { })));
        Assert.Equal(
            (HttpStatusCode.BadRequest, "administrator_invalid"), Code(await CreateAsync(alice, "carol", new { password = "short" })));
        var page = await alice.GetFromJsonAsync<JsonElement>("/api/v2/administrators?limit=1");
        Assert.Equal("alice", page.GetProperty("items")[0].GetProperty("username").GetString());
        page = await alice.GetFromJsonAsync<JsonElement>($"/api/v2/administrators?limit=1&after={page.GetProperty("next").GetString()}");
        Assert.Equal("bob", page.GetProperty("items")[0].GetProperty("username").GetString());
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);

        using var bob = await host.SignInAsync("bob", "a long password");
        var address = made.Body.GetProperty("id").GetGuid();
        var acme = await host.AddOrganizationAsync("Acme");
        Assert.Equal(HttpStatusCode.OK, await PatchAsync(alice, address, new { permissions = new { preventEditServerSettings = true } }));
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(Uri("/api/v2/administrators"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(Uri("/api/v2/volumes"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK,
            await PatchAsync(alice, address, new { organizationId = acme, permissions = new { allowedUserPolicies = (object?)null } }));
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(Uri("/api/v2/volumes"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await alice.DeleteAsync(Uri($"/api/v2/administrators/{address}"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await bob.GetAsync(Uri("/api/v2/sessions"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.DeleteAsync(Uri($"/api/v2/administrators/{address}"))).StatusCode);
    }

    [Fact]
    public async Task Organization_that_does_not_exist_is_refused_and_nothing_is_made_or_changed()
    {
        var host = await servers.AsNewAsync();
        using var alice = await host.SignInAsync();
        var bob = (await CreateAsync(alice, "bob", new { })).Body.GetProperty("id").GetGuid();

        Assert.Equal((HttpStatusCode.BadRequest, "organization_unknown"),
            Code(await CreateAsync(alice, "carol", new { organizationId = "nowhere" })));
        using var moved = await alice.PatchAsJsonAsync($"/api/v2/administrators/{bob}", new { organizationId = "nowhere" });
        Assert.Equal(HttpStatusCode.BadRequest, moved.StatusCode);
        Assert.Equal("organization_unknown", (await moved.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        foreach (var (call, fields) in new (string, (string, string)[])[]
        {
            ("admin-user/new", [("TargetUser", "carol"), ("TargetPassword", "a long password"), ("TargetOrgID", "nowhere")]),
            ("add-user", [("TargetUser", "carol"), ("TargetPassword", "a long password"), ("TargetOrganization", "nowhere")]),
            ("policies/new", [("Policy", """{"Description":"x","OrganizationID":"nowhere"}""")]),
        })
        {
            var answer = await host.CallAsAsync(ServerHost.Username, call, fields);
            Assert.Equal(400, Tenants.StatusOf(answer));
            Assert.Contains("organization", answer.GetProperty("Message").GetString(), StringComparison.Ordinal);
        }

        var left = (await alice.GetFromJsonAsync<JsonElement>(Routes.Administrators)).GetProperty("items").EnumerateArray();
        Assert.Equal([("alice", ""), ("bob", "")],
            left.Select(one => (one.GetProperty("username").GetString()!, one.GetProperty("organizationId").GetString()!)));
    }

    [Theory]
    [DatabaseData]
    public async Task Nobody_deletes_himself_or_the_last_one_who_can_manage_the_server(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var alice = await host.SignInAsync();
        var own = (await alice.GetFromJsonAsync<JsonElement>("/api/v2/administrators")).GetProperty("items")[0].GetProperty("id").GetGuid();
        var bob = (await CreateAsync(alice, "bob", new { })).Body.GetProperty("id").GetGuid();
        using var asBob = await host.SignInAsync("bob", "a long password");

        Assert.Equal(HttpStatusCode.Conflict, (await alice.DeleteAsync(Uri($"/api/v2/administrators/{own}"))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, await PatchAsync(alice, own, new { organizationId = "acme" }));
        var both = await Task.WhenAll(
            alice.DeleteAsync(Uri($"/api/v2/administrators/{bob}")), asBob.DeleteAsync(Uri($"/api/v2/administrators/{own}")));

        Assert.Single(both, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.DoesNotContain(both, answer => (int)answer.StatusCode >= 500);
    }

    [Fact]
    public async Task Password_that_was_given_must_be_changed_before_anything_else()
    {
        var host = await servers.AsNewAsync();
        using var alice = await host.SignInAsync();
        await CreateAsync(alice, "bob", new { mustChangePassword = true });
        using var bob = await host.SignInAsync("bob", "a long password");
        KeyValuePair<string, string>[] fields = [new("Username", "bob"), new("AuthType", "Password"), new("Password", "a long password")];

        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(Uri("/api/v2/buckets"))).StatusCode);
        Assert.Equal(403, (await host.CallCometAsync("admin/storage/list-buckets", fields)).GetProperty("Status").GetInt32());
        Assert.True((await host.CallCometAsync("admin/account/properties", fields)).GetProperty("Security")
            .GetProperty("RequirePasswordChange").GetBoolean());
        var wrong = await bob.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword("wrong", "a new password"));
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        var same = await bob.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword("a long password", "a long password"));
        Assert.Equal(HttpStatusCode.BadRequest, same.StatusCode);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await bob.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword("a long password", "a new password"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(Uri("/api/v2/buckets"))).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task Vendors_calls_list_make_and_delete_administrators(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        KeyValuePair<string, string>[] alice =
            [new("Username", "alice"), new("AuthType", "Password"), new("Password", ServerHost.Password)];
        KeyValuePair<string, string>[] bob = [new("Username", "bob"), new("AuthType", "Password"), new("Password", "a long password")];

        var acme = await host.AddOrganizationAsync("Acme");
        Assert.Equal(200, await CallAsync(
            host, "new", [.. alice, new("TargetUser", "bob"), new("TargetPassword", "a long password"), new("TargetOrgID", acme)]));
        Assert.Equal(409, await CallAsync(host, "new", [.. alice, new("TargetUser", "Bob"), new("TargetPassword", "a long password")]));
        Assert.Equal(400, await CallAsync(host, "new", [.. alice, new("TargetUser", "eve"), new("TargetPassword", "short")]));
        var list = await host.CallCometAsync("admin/admin-user/list", alice);
        Assert.Equal(["alice", "bob"], list.EnumerateArray().Select(user => user.GetProperty("Username").GetString()));
        Assert.Equal(acme, list[1].GetProperty("OrganizationID").GetString());
        Assert.DoesNotContain("$2a$", list.ToString(), StringComparison.Ordinal);
        Assert.Equal(403, await CallAsync(host, "list", bob));
        Assert.Equal(403, (await host.CallCometAsync("admin/storage/free-space", bob)).GetProperty("Status").GetInt32());
        Assert.Equal(403, await CallAsync(host, "delete", [.. alice, new("TargetUser", "alice")]));
        Assert.Equal(400, await CallAsync(host, "delete", [.. alice, new("TargetUser", "nobody")]));
        Assert.Equal(200, await CallAsync(host, "delete", [.. alice, new("TargetUser", "bob")]));
        Assert.Equal(403, await CallAsync(host, "list", bob));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> CreateAsync(HttpClient client, string username, object further)
    {
        var body = new Dictionary<string, object?> { ["username"] = username, ["password"] = "a long password" };
        foreach (var field in JsonSerializer.SerializeToElement(further).EnumerateObject())
        {
            body[field.Name] = field.Value;
        }

        using var answer = await client.PostAsJsonAsync(Routes.Administrators, body);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static async Task<HttpStatusCode> PatchAsync(HttpClient client, Guid id, object body) =>
        (await client.PatchAsJsonAsync($"/api/v2/administrators/{id}", body)).StatusCode;

    private static (HttpStatusCode Status, string? Code) Code((HttpStatusCode Status, JsonElement Body) answer) =>
        (answer.Status, answer.Body.GetProperty("code").GetString());

    private static async Task<int> CallAsync(ServerHost host, string name, KeyValuePair<string, string>[] fields)
    {
        var answer = await host.CallCometAsync($"admin/admin-user/{name}", fields);
        return answer.ValueKind == JsonValueKind.Object ? answer.GetProperty("Status").GetInt32() : 200;
    }

    private static Uri Uri(string path) => new(path, UriKind.Relative);
}
