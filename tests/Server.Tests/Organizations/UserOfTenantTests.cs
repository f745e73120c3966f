using System.Text.Json;
using Halley.Protocol.Policies;
using Halley.Protocol.Settings;
using Halley.Testing;

namespace Halley.Server.Tests.Organizations;

/// <summary>What a user of a tenant sees and gets through the vendor's calls for users.</summary>
public class UserOfTenantTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [DatabaseData]
    public async Task User_sees_news_and_storage_of_his_tenant_and_requests_a_vault_if_his_policy_allows(TestDatabase database)
    {
        var host = await servers.AsNewAsync(database);
        var tenant = await host.AddOrganizationAsync("Acme");
        await host.AddAdministratorAsync("anna", tenant, """{"AllowEditRemoteStorage":true}""");
        foreach (var (owner, text) in new[] { ("anna", "for Acme"), (ServerHost.Username, "for all others") })
        {
            await host.CallAsAsync(owner, "news/submit", ("NewsContent", text));
            var template =
                new RemoteStorageOption { ID = $"{owner}-template", Type = "comet", RemoteAddress = "$self$", Description = text };
            await host.CallAsAsync(
                owner, "meta/remote-storage-vault/set", ("RemoteStorageOptions", Tenants.ToJson(new[] { template })));
        }

        Assert.Equal(200,
            Tenants.StatusOf(await host.CallAsAsync("anna", "add-user", ("TargetUser", "user"), ("TargetPassword", ServerHost.Password))));
        Assert.Equal(["for Acme"],
            (await AskAsync(host, "news/get-all")).EnumerateObject().Select(item => item.Value.GetProperty("TextContent").GetString()));
        Assert.Equal("""{"anna-template":"for Acme"}""", (await AskAsync(host, "request-storage-vault-providers")).ToString());

        (string, string)[] request = [("StorageProvider", "anna-template"), ("SelfAddress", "https://backup.example.com")];
        var made = await AskAsync(host, "request-storage-vault", request);
        Assert.Equal(200, Tenants.StatusOf(made));
        var profile = made.GetProperty("Profile");
        Assert.Equal(
            "https://backup.example.com/",
            profile.GetProperty("Destinations").GetProperty(made.GetProperty("DestinationID").GetString()!).GetProperty("CometServer")
                .GetString());
        Assert.DoesNotContain("$2a$", profile.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            404, Tenants.StatusOf(await AskAsync(host, "request-storage-vault", ("StorageProvider", $"{ServerHost.Username}-template"))));

        await host.EditAsync("user", document => document.Policy.StorageVaultProviders =
            new StorageVaultProviderPolicy { ShouldRestrictProviderList = true, AllowedProvidersWhenRestricted = [1000] });
        Assert.Equal(403, Tenants.StatusOf(await AskAsync(host, "request-storage-vault", request)));
        await host.EditAsync("user", document => document.Policy = new UserPolicy { PreventRequestStorageVault = true });
        Assert.Equal(403, Tenants.StatusOf(await AskAsync(host, "request-storage-vault", request)));
        Assert.Single((await host.ProfileAsync("user")).Destinations);
    }

    [Fact]
    public async Task Role_that_is_switched_off_refuses_its_calls_and_no_others()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var settings = host.Service<Server.Settings.ServerSettings>();
        await settings.ChangeAsync(
            options => options.StorageRole.RoleEnabled = false,
            default);

        Assert.Equal(503, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "storage/list-buckets")));
        Assert.Equal(200, Tenants.StatusOf(await host.CallAsAsync(ServerHost.Username, "list-users")));
        Assert.False((await host.CallAsync("meta/version")).GetProperty("StorageRole").GetBoolean());
    }

    private static Task<JsonElement> AskAsync(ServerHost host, string call, params (string Name, string Value)[] fields) =>
        host.CallCometAsync(
        $"user/web/{call}",
        [
            new("Username", "user"), new("AuthType", "Password"), new("Password", ServerHost.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);
}
