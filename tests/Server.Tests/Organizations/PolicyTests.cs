using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.CometApi.Wire;
using Halley.Server.Organizations;
using Halley.Testing;

namespace Halley.Server.Tests.Organizations;

public class PolicyTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task Policy_is_made_under_a_chosen_id_read_changed_and_deleted(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);

        // As a billing module does it: look, find nothing, make it under an id of its own.
        var missing = await host.CallAsAsync(ServerHost.Username, "policies/get", ("PolicyID", "WHMCS_1"));
        Assert.False(missing.TryGetProperty("PolicyHash", out _));
        await host.CallAsync(
            "policies/set", ("PolicyID", "WHMCS_1"), ("Policy", """{"Description":"Gold","Policy":{"PreventOpenWebUI":true}}"""));
        var read = await host.CallAsync("policies/get", ("PolicyID", "WHMCS_1"));
        Assert.True(read.GetProperty("Policy").GetProperty("Policy").GetProperty("PreventOpenWebUI").GetBoolean());
        Assert.Equal("Gold", (await host.CallAsync("policies/list")).GetProperty("WHMCS_1").GetString());
        Assert.Equal("Gold", (await host.CallAsync("policies/list-full")).GetProperty("WHMCS_1").GetProperty("Description").GetString());

        // The answer to a new policy is its id, and the hash of its first state.
        var id = (await host.CallAsync("policies/new", ("Policy", """{"Description":"Silver"}"""))).GetProperty("PolicyHash").GetString()!;
        Assert.Equal(200, Tenants.StatusOf(await SetAsync(host, id, "Silver 2", id)));
        Assert.Equal(409, Tenants.StatusOf(await SetAsync(host, id, "Silver 3", id)));
        Assert.Equal("Silver 2", (await host.CallAsync("policies/list")).GetProperty(id).GetString());

        await host.CallAsync("policies/delete", ("PolicyID", id));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "policies/delete", ("PolicyID", id))));
        var types = (await host.EventsAsync()).Where(record => record.Resource == id).Select(record => record.Type);
        Assert.Equal([4600, 4602, 4601], types);
    }

    [Theory]
    [DatabaseData]
    public async Task Changed_policy_is_in_every_profile_that_follows_it_and_in_no_other(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        await host.CallAsync("policies/set", ("PolicyID", "p"), ("Policy", "{}"));
        await host.AddAccountAsync("follower", edit: profile => profile.PolicyID = "p");
        await host.AddAccountAsync("free");
        var before = await host.Service<ProfileStore>().FindAsync("follower", TenantScope.Everything, default);

        await host.CallAsync("policies/set", ("PolicyID", "p"), ("Policy", """{"Policy":{"PreventChangeAccountName":true}}"""));

        var after = await host.Service<ProfileStore>().FindAsync("follower", TenantScope.Everything, default);
        Assert.True(after!.Profile.Policy.PreventChangeAccountName);
        Assert.NotEqual(before!.Hash, after.Hash);
        Assert.False((await host.ProfileAsync("free")).Policy.PreventChangeAccountName);

        // The copy is the policy's, whatever is saved; an unknown policy is refused; without a policy the rules are free.
        Assert.Null(await host.EditAsync("follower", profile => profile.Policy = new UserPolicy()));
        Assert.True((await host.ProfileAsync("follower")).Policy.PreventChangeAccountName);
        Assert.NotNull(await host.EditAsync("follower", profile => profile.PolicyID = "unknown"));
        Assert.Null(await host.EditAsync("free", profile => profile.Policy.PreventOpenAppUI = true));
        Assert.True((await host.ProfileAsync("free")).Policy.PreventOpenAppUI);

        await host.CallAsync("policies/delete", ("PolicyID", "p"));
        var released = await host.ProfileAsync("follower");
        Assert.Equal(("", true), (released.PolicyID, released.Policy.PreventChangeAccountName));
    }

    [Theory]
    [DatabaseData]
    public async Task Many_followers_get_a_change_even_if_the_server_stops_in_between(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        await host.CallAsync("policies/set", ("PolicyID", "p"), ("Policy", "{}"));
        for (var number = 0; number < PolicyRolloutWork.AtOnce + 5; number++)
        {
            await host.AddAccountAsync($"user-{number:000}", edit: profile => profile.PolicyID = "p");
        }

        await host.CallAsync("policies/set", ("PolicyID", "p"), ("Policy", """{"Policy":{"HideAppVersion":true}}"""));
        Assert.True((await host.ProfileAsync("user-000")).Policy.HideAppVersion);

        await host.Service<PolicyRolloutWork>().RunOnceAsync(default);
        Assert.True((await host.ProfileAsync($"user-{PolicyRolloutWork.AtOnce + 4:000}")).Policy.HideAppVersion);

        // All have it, so another run writes nothing.
        var hash = (await host.Service<ProfileStore>().FindAsync("user-000", TenantScope.Everything, default))!.Hash;
        await host.Service<PolicyRolloutWork>().RunOnceAsync(default);
        Assert.Equal(hash, (await host.Service<ProfileStore>().FindAsync("user-000", TenantScope.Everything, default))!.Hash);
    }

    [Theory]
    [DatabaseData]
    public async Task One_policy_of_a_tenant_is_the_default_and_new_accounts_follow_it(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var tenant = await host.AddOrganizationAsync("Acme");
        await host.CallAsync("policies/set", ("PolicyID", "one"), ("Policy", """{"DefaultUserPolicy":true}"""));
        await host.CallAsync("policies/set", ("PolicyID", "other"),
            ("Policy", Tenants.ToJson(new GroupPolicy { OrganizationID = tenant, DefaultUserPolicy = true })));
        await host.CallAsync(
            "policies/set", ("PolicyID", "two"), ("Policy", """{"DefaultUserPolicy":true,"Policy":{"HideAppImport":true}}"""));

        var all = await host.CallAsync("policies/list-full");
        Assert.Equal(
            [("one", false), ("other", true), ("two", true)],
            all.EnumerateObject().Select(policy => (policy.Name, policy.Value.GetProperty("DefaultUserPolicy").GetBoolean())));
        Assert.Equal(["other"],
            (await host.CallAsync("policies/list", ("TargetOrganization", tenant))).EnumerateObject().Select(policy => policy.Name));

        await host.AddAccountAsync("new-top");
        await host.AddAccountAsync("new-tenant", tenant);
        Assert.Equal(("two", true), (await FollowedAsync(host, "new-top")));
        Assert.Equal(("other", false), (await FollowedAsync(host, "new-tenant")));
    }

    [Theory]
    [DatabaseData]
    public async Task Items_of_a_policy_come_to_devices_follow_it_and_go_only_when_told(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        await SetItemsAsync(host, [], ("fixed", "Documents", false, 0), ("live", "Pictures", true, 0), ("win", "Registry", true, 1));
        await host.AddAccountAsync("user", edit: profile =>
        {
            profile.PolicyID = "p";
            profile.Devices["laptop"] = new DeviceConfig { PlatformVersion = new OSInfo { Os = "linux" } };
            profile.Destinations["vault"] = new DestinationConfig { Description = "Vault" };
        });
        Assert.Equal(["fixed Documents laptop", "live Pictures laptop"], await ItemsAsync(host));
        var rule = Assert.Single((await host.ProfileAsync("user")).BackupRules.Values);
        Assert.Equal("vault", rule.Destination);
        Assert.Equal("live", (await host.ProfileAsync("user")).Sources[rule.Source].PolicySourceID);

        // What the user deletes is put back with its schedule, unless the one who saves may delete it.
        Assert.Null(await host.EditAsync("user", profile => (profile.Sources, profile.BackupRules) = ([], [])));
        Assert.Equal(2, (await ItemsAsync(host)).Count);
        Assert.Single((await host.ProfileAsync("user")).BackupRules);
        Assert.Null(await host.EditAsync("user", profile => (profile.Sources, profile.BackupRules) = ([], []), "fixed"));
        Assert.Equal(["live Pictures laptop"], await ItemsAsync(host));

        // Changes reach items marked for it; new ones come to known devices only with the mark; a new device gets all.
        await SetItemsAsync(host, [], ("fixed", "Documents 2", false, 0), ("live", "Pictures 2", true, 0), ("new", "Music", true, 0),
            ("later", "Films", false, 0));
        Assert.Equal(["live Pictures 2 laptop", "new Music laptop"], await ItemsAsync(host));
        await host.EditAsync("user", profile => profile.Devices["desk"] = new DeviceConfig());
        Assert.Equal(
            ["fixed Documents 2 desk", "later Films desk", "live Pictures 2 desk", "live Pictures 2 laptop", "new Music desk",
                "new Music laptop"],
            await ItemsAsync(host));

        // An item the policy no longer has stays, unless the change says that it goes.
        await SetItemsAsync(host, ["live"], ("fixed", "Documents 2", false, 0));
        Assert.Equal(["fixed Documents 2 desk", "later Films desk", "new Music desk", "new Music laptop"], await ItemsAsync(host));
        Assert.Empty((await host.ProfileAsync("user")).BackupRules);
    }

    [Fact]
    public async Task Administrator_who_may_use_some_policies_only_sees_and_gives_no_others()
    {
        var host = await servers.AsNewAsync();
        foreach (var id in new[] { "gold", "silver" })
        {
            await host.CallAsync("policies/set", ("PolicyID", id), ("Policy", "{}"));
        }

        await host.AddAdministratorAsync("rita", "", """{"AllowedUserPolicies":["gold"]}""");
        await host.AddAccountAsync("user");
        using var rita = await host.SignInAsync("rita", ServerHost.Password);

        Assert.Equal(["gold"], (await host.CallAsAsync("rita", "policies/list")).EnumerateObject().Select(policy => policy.Name));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync("rita", "policies/get", ("PolicyID", "silver"))));
        Assert.Equal(400, Tenants.StatusOf(await host.CallAsAsync("rita", "policies/new", ("Policy", "{}"))));
        Assert.Equal(404, Tenants.StatusOf(await host.CallAsAsync("rita", "policies/delete", ("PolicyID", "silver"))));
        Assert.Equal("gold", Assert.Single((await rita.GetFromJsonAsync<Page<PolicyInfo>>(Routes.Policies))!.Items).Id);
        Assert.Equal(400, Tenants.StatusOf(await GiveAsync(host, "silver")));
        Assert.Equal(200, Tenants.StatusOf(await GiveAsync(host, "gold")));
        Assert.Equal(400, Tenants.StatusOf(await GiveAsync(host, "")));
        Assert.Equal("gold", (await host.ProfileAsync("user")).PolicyID);
    }

    [Fact]
    public async Task Own_api_guards_a_policy_by_its_tag_and_says_what_is_wrong()
    {
        var host = await servers.AsNewAsync();
        using var admin = await host.SignInAsync();
        var rules = JsonSerializer.SerializeToElement(new { PreventOpenWebUI = true });
        var made = await admin.PostAsJsonAsync(Routes.Policies, new CreatePolicy("gold", "Gold", rules));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var tag = made.Headers.ETag!;

        Assert.Equal(HttpStatusCode.OK, (await PutAsync(admin, tag.Tag)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(admin, tag.Tag)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(admin, null)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Conflict, (await admin.PostAsJsonAsync(Routes.Policies, new CreatePolicy("gold", "", null))).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await admin.PostAsJsonAsync(Routes.Policies,
                new CreatePolicy(null, "", JsonSerializer.SerializeToElement(new { PreventOpenWebUI = "yes" })))).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await admin.PostAsJsonAsync(Routes.Policies, new CreatePolicy(
                null, "", JsonSerializer.SerializeToElement(new { DefaultSources = new { x = 1 } })))).StatusCode);
        var page = await admin.GetFromJsonAsync<Page<PolicyInfo>>(Routes.Policies);
        Assert.Equal("Gold 2", Assert.Single(page!.Items).Description);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(new Uri($"{Routes.Policies}/gold", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(new Uri($"{Routes.Policies}/gold", UriKind.Relative))).StatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient admin, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Routes.Policies}/gold")
        {
            Content = JsonContent.Create(new ReplacePolicy("Gold 2", null)),
        };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        }

        return await admin.SendAsync(request);
    }

    private static async Task<JsonElement> GiveAsync(ServerHost host, string policy)
    {
        var profile = await host.ProfileAsync("user");
        profile.PolicyID = policy;
        return await host.CallAsAsync("rita", "set-user-profile", ("TargetUser", "user"), ("ProfileData", Tenants.ToJson(profile)));
    }

    private static Task<JsonElement> SetAsync(ServerHost host, string id, string description, string hash) => host.CallAsAsync(
        ServerHost.Username, "policies/set", ("PolicyID", id), ("Policy", Tenants.ToJson(new GroupPolicy { Description = description })),
        ("CheckPolicyHash", hash));

    private static async Task<(string, bool)> FollowedAsync(ServerHost host, string username)
    {
        var profile = await host.ProfileAsync(username);
        return (profile.PolicyID, profile.Policy.HideAppImport);
    }

    private static Task<JsonElement> SetItemsAsync(
        ServerHost host, string[] deletions, params (string Id, string Description, bool Live, long Os)[] items)
    {
        var policy = new UserPolicy();
        foreach (var (id, description, live, os) in items)
        {
            policy.DefaultSourcesWithOSRestriction[id] = new DefaultSourceWithOSRestriction
            {
                RestrictOS = os,
                SourceConfig = new SourceConfig { Engine = "engine1/file", Description = description, ExistingUserUpdate = live },
            };
        }

        policy.DefaultSourcesBackupRules["nightly"] = new BackupRuleConfig { Source = "live", Description = "Every night" };
        return host.CallAsync(
            "policies/set",
            ("PolicyID", "p"),
            ("Policy", Tenants.ToJson(new GroupPolicy { Policy = policy })),
            ("Options", Tenants.ToJson(new PolicyOptions { DeleteSources = [.. deletions] })));
    }

    private static async Task<IReadOnlyList<string>> ItemsAsync(ServerHost host) =>
        [.. (await host.ProfileAsync("user")).Sources.Values
            .Select(source => $"{source.PolicySourceID} {source.Description} {source.OwnerDevice}").Order(StringComparer.Ordinal)];
}
