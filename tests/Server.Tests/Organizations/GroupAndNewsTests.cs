using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Organizations;

public class GroupAndNewsTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Group_is_made_filled_read_and_deleted_while_its_users_stay(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        foreach (var name in new[] { "u1", "u2", "u3" })
        {
            await host.AddAccountAsync(name);
        }

        var id = (await host.CallAsync("user-groups/new", ("Name", "Sales"))).GetProperty("UserGroupID").GetString()!;
        await SetUsersAsync(host, id, """["u1","u2"]""");
        await SetUsersAsync(host, id, """["u2","u3"]""");
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync(
            ServerHost.Username, "user-groups/set-users-for-group", ("GroupID", id), ("Users", """["u1","nobody"]"""))));

        var read = await host.CallAsync("user-groups/get", ("GroupID", id), ("IncludeUsers", "1"));
        Assert.Equal("Sales", read.GetProperty("UserGroup").GetProperty("Name").GetString());
        Assert.Equal(["u2", "u3"], read.GetProperty("Users").EnumerateObject().Select(user => user.Name));
        Assert.Equal(("", id), ((await host.ProfileAsync("u1")).GroupID, (await host.ProfileAsync("u3")).GroupID));
        Assert.Empty((await host.CallAsync("user-groups/get", ("GroupID", id))).GetProperty("Users").EnumerateObject());

        await host.CallAsync("user-groups/set", ("GroupID", id), ("Group", """{"Name":"Marketing"}"""));
        await host.CallAsync("user-groups/set", ("GroupID", "chosen"), ("Group", """{"Name":"Chosen"}"""));
        Assert.Equal("Marketing", (await host.CallAsync("user-groups/list")).GetProperty(id).GetString());
        Assert.Equal("Chosen", (await host.CallAsync("user-groups/list-full")).GetProperty("chosen").GetProperty("Name").GetString());

        await host.CallAsync("user-groups/delete", ("GroupID", id));
        Assert.Equal("", (await host.ProfileAsync("u3")).GroupID);
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "user-groups/get", ("GroupID", id))));
        Assert.Equal([4800, 4802, 4802, 4802, 4801],
            (await host.EventsAsync()).Where(record => record.Resource == id).Select(record => record.Type));
    }

    [Theory]
    [DatabaseData]
    public async Task Group_of_the_own_api_has_members_of_its_organization_only(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var tenant = await host.AddOrganizationAsync("Acme");
        await host.AddAccountAsync("inside", tenant);
        await host.AddAccountAsync("outside");
        using var admin = await host.SignInAsync();
        var made = await admin.PostAsJsonAsync(Routes.UserGroups, new CreateUserGroup("Team", tenant));
        var group = (await made.Content.ReadFromJsonAsync<UserGroupInfo>())!;
        var address = $"{Routes.UserGroups}/{group.Id}";

        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsJsonAsync(address, new UpdateUserGroup("Team 2", ["inside"]))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await admin.PatchAsJsonAsync(address, new UpdateUserGroup(null, ["inside", "outside"]))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsJsonAsync(address, new UpdateUserGroup(" "))).StatusCode);
        var read = (await admin.GetFromJsonAsync<UserGroupDetail>(address))!;
        Assert.Equal(("Team 2", tenant, "inside"), (read.Info.Name, read.Info.OrganizationId, Assert.Single(read.Members)));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(new Uri(address, UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(new Uri(address, UriKind.Relative))).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync(Routes.UserGroups, new CreateUserGroup("x", "no-such"))).StatusCode);
    }

    [Theory]
    [DatabaseData]
    public async Task News_are_told_listed_newest_first_and_taken_back(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        using var admin = await host.SignInAsync();
        await host.CallAsync("news/submit", ("NewsContent", "First"));
        var second = await admin.PostAsJsonAsync(Routes.News, new CreateNews("Second"));
        var id = (await second.Content.ReadFromJsonAsync<NewsInfo>())!.Id;

        var all = await host.CallAsync("news/get-all");
        Assert.Equal("Second", all.GetProperty(id).GetProperty("TextContent").GetString());
        var first = (await admin.GetFromJsonAsync<Page<NewsInfo>>($"{Routes.News}?limit=1"))!;
        Assert.Equal("Second", Assert.Single(first.Items).Text);
        var next = (await admin.GetFromJsonAsync<Page<NewsInfo>>($"{Routes.News}?limit=1&after={first.Next}"))!;
        Assert.Equal(("First", null), (Assert.Single(next.Items).Text, next.Next));

        await host.CallAsync("news/remove", ("NewsItem", id));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "news/remove", ("NewsItem", id))));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "news/remove", ("NewsItem", "nonsense"))));
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "news/submit")));
    }

    private static Task<System.Text.Json.JsonElement> SetUsersAsync(ServerHost host, string id, string users) =>
        host.CallAsync("user-groups/set-users-for-group", ("GroupID", id), ("Users", users));
}
