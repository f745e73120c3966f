using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Organizations;
using Halley.Protocol.Settings;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.CometApi.Wire;
using Halley.Server.Data;
using Halley.Server.Organizations;
using Halley.Testing;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tests.Organizations;

public class OrganizationTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly Uri Buckets = new(Routes.Buckets, UriKind.Relative);

    [Theory]
    [DatabaseData]
    public async Task Organization_is_made_changed_and_deleted_with_its_people_while_its_buckets_stay(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var made = await host.CallAsync(
            "organization/set", ("Organization", """{"Name":"Acme","Hosts":["Backup.Acme.test"],"Further":7}"""));
        var id = made.GetProperty("ID").GetString()!;
        await host.AddAdministratorAsync("anna", id);
        await host.AddAccountAsync("user-a", id);
        await host.AddAccountAsync("user-top");
        await host.CallAsync("storage/register-bucket", ("SetBucketValue", "bucket-a"), ("SetOrganizationID", id));

        var document = made.GetProperty("Organization");
        Assert.Equal("backup.acme.test", document.GetProperty("Hosts")[0].GetString());
        Assert.Equal(7, document.GetProperty("Further").GetInt32());
        Assert.Equal("Acme", (await host.CallAsync("organization/list")).GetProperty(id).GetProperty("Name").GetString());
        await host.CallAsync("organization/set", ("OrganizationID", id), ("Organization", """{"Name":"Acme 2"}"""));
        Assert.Equal(id, (await host.CallAsync("storage/list-buckets")).GetProperty("bucket-a").GetProperty("OrganizationID").GetString());

        await host.CallAsync("organization/delete", ("OrganizationID", id), ("UninstallConfig", """{"UninstallFlag":false}"""));

        Assert.Equal(403, Tenants.StatusOf(await host.CallAsAsync("anna", "storage/list-buckets")));
        Assert.Null(await host.Service<ProfileStore>().FindAsync("user-a", TenantScope.Everything, default));
        Assert.NotNull(await host.Service<ProfileStore>().FindAsync("user-top", TenantScope.Everything, default));
        Assert.Equal("", (await host.CallAsync("storage/list-buckets")).GetProperty("bucket-a").GetProperty("OrganizationID").GetString());
        Assert.Empty((await host.CallAsync("organization/list")).EnumerateObject());
        var events = await host.EventsAsync();
        Assert.Contains((4500, ServerHost.Username, id, id), events);
        Assert.Contains((4300, ServerHost.Username, id, "bucket-a"), events);
        Assert.Contains((4502, ServerHost.Username, id, id), events);
        Assert.Contains((4101, ServerHost.Username, id, "user-a"), events);
        Assert.Contains((4151, ServerHost.Username, id, "anna"), events);
        Assert.Contains((4501, ServerHost.Username, id, id), events);
    }

    [Theory]
    [DatabaseData]
    public async Task Host_belongs_to_one_organization_alone(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        using var admin = await host.SignInAsync();
        var first = await AddAsync(admin, new CreateOrganization("One", ["one.test", "two.test"]));

        var taken = await admin.PostAsJsonAsync(Routes.Organizations, new CreateOrganization("Two", ["three.test", "TWO.test"]));
        Assert.Equal((HttpStatusCode.Conflict, "host_taken"), (taken.StatusCode, await CodeAsync(taken)));
        await admin.PatchAsJsonAsync($"{Routes.Organizations}/{first.Id}", new UpdateOrganization(Hosts: ["one.test"]));
        Assert.Equal(["three.test", "two.test"], (await AddAsync(admin, new CreateOrganization("Two", ["three.test", "two.test"]))).Hosts);

        // Two at once for one name: exactly one gets it.
        var race = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            number => admin.PostAsJsonAsync(Routes.Organizations, new CreateOrganization($"Racer {number}", ["race.test"]))));
        Assert.Equal(1, race.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(3, race.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Theory]
    [DatabaseData]
    public async Task People_come_in_only_through_their_hosts_and_not_while_their_organization_is_suspended(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var id = await host.AddOrganizationAsync("Acme", "acme.test");
        await host.AddAdministratorAsync("anna", id);
        using var top = await host.SignInAsync();

        using var through = await host.SignInThroughAsync("anna", "acme.test:8060");
        Assert.Equal(HttpStatusCode.OK, (await through.GetAsync(Buckets)).StatusCode);
        using var around = await host.SignInThroughAsync("anna", "localhost");
        Assert.Null(around.DefaultRequestHeaders.Authorization);
        around.DefaultRequestHeaders.Authorization = through.DefaultRequestHeaders.Authorization;
        Assert.Equal(HttpStatusCode.Forbidden, (await around.GetAsync(Buckets)).StatusCode);
        Assert.Equal(403, Tenants.StatusOf(await host.CallAsAsync("anna", "storage/list-buckets")));

        await top.PatchAsJsonAsync($"{Routes.Organizations}/{id}", new UpdateOrganization(Hosts: []));
        Assert.Equal(200, Tenants.StatusOf(await host.CallAsAsync("anna", "storage/list-buckets")));

        await top.PatchAsJsonAsync($"{Routes.Organizations}/{id}", new UpdateOrganization(Suspended: true));
        Assert.Equal(HttpStatusCode.Forbidden, (await through.GetAsync(Buckets)).StatusCode);
        Assert.Equal(403, Tenants.StatusOf(await host.CallAsAsync("anna", "storage/list-buckets")));
        using var suspended = await host.SignInThroughAsync("anna", "acme.test");
        Assert.Null(suspended.DefaultRequestHeaders.Authorization);
        Assert.Equal(HttpStatusCode.OK, (await top.GetAsync(Buckets)).StatusCode);
    }

    [Fact]
    public async Task Bad_organizations_are_refused_with_a_reason()
    {
        var host = await servers.AsNewAsync();
        using var admin = await host.SignInAsync();
        foreach (var request in new[]
        {
            new CreateOrganization(null), new CreateOrganization(" "), new CreateOrganization(new string('x', 201)),
            new CreateOrganization("x\n"),
            new CreateOrganization("x", ["http://acme.test"]), new CreateOrganization("x", ["acme.test/path"]),
            new CreateOrganization("x", [""]),
            new CreateOrganization("x", ["a@acme.test"]),
            new CreateOrganization("x", [.. Enumerable.Range(0, 101).Select(n => $"h{n}.test")]),
        })
        {
            var answer = await admin.PostAsJsonAsync(Routes.Organizations, request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        var none = Guid.NewGuid().ToString();
        Assert.Equal(
            HttpStatusCode.NotFound, (await admin.GetAsync(new Uri($"{Routes.Organizations}/{none}", UriKind.Relative))).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await admin.DeleteAsync(new Uri($"{Routes.Organizations}/{none}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await admin.PatchAsJsonAsync($"{Routes.Organizations}/{none}", new UpdateOrganization("x"))).StatusCode);
        Assert.Equal(404, Tenants.StatusOf(
            await host.CallAsAsync(ServerHost.Username, "organization/set", ("OrganizationID", none), ("Organization", "{}"))));
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "organization/set", ("Organization", "[]"))));
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "organization/delete")));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "organization/delete", ("OrganizationID", none))));
        Assert.Equal(
            400, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "storage/register-bucket", ("SetOrganizationID", none))));
    }

    [Theory]
    [DatabaseData]
    public async Task Passwords_in_the_document_are_not_readable_in_the_database(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var organization = new Organization
        {
            Name = "Acme",
            RemoteStorage = [new RemoteStorageOption { ID = "t", Type = "comet", Password = "s3cret-of-b" }],
        };
        var made = await host.CallAsync("organization/set", ("Organization", Tenants.ToJson(organization)));

        await using var context = await host.Service<IDbContextFactory<ServerDbContext>>().CreateDbContextAsync();
        var row = await context.Set<StoredOrganization>().SingleAsync();
        Assert.DoesNotContain("s3cret-of-b", System.Text.Encoding.UTF8.GetString(row.Document), StringComparison.Ordinal);
        Assert.Equal("s3cret-of-b", made.GetProperty("Organization").GetProperty("RemoteStorage")[0].GetProperty("Password").GetString());
    }

    private static async Task<OrganizationInfo> AddAsync(HttpClient admin, CreateOrganization request)
    {
        var answer = await admin.PostAsJsonAsync(Routes.Organizations, request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<OrganizationInfo>())!;
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
}
