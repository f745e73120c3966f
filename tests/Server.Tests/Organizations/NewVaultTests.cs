using Halley.Protocol.Policies;
using Halley.Protocol.Profiles;
using Halley.Server.AuthRole.VaultRequests;
using Halley.Server.Tests.AuthRole.Accounts;

namespace Halley.Server.Tests.Organizations;

public class NewVaultTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [InlineData("server_controlled", "", "standard")]
    [InlineData("server_controlled", "chosen", "standard")]
    [InlineData("user_controlled", "chosen", "chosen")]
    [InlineData("user_controlled", "", "")]
    [InlineData("none", "chosen", "")]
    [InlineData("", "", "")]
    [InlineData("chosen", "", "chosen")]
    public async Task New_account_gets_its_vault_by_the_mode_of_its_policy(string mode, string own, string expected)
    {
        var host = await servers.StartAsync();
        var set = await host.AsAdministratorAsync("meta/remote-storage-vault/set", ("RemoteStorageOptions", """
            [{"Type":"comet","Description":"Chosen","RemoteAddress":"$self$","ID":"chosen"},
            {"Type":"comet","Description":"Standard","RemoteAddress":"$self$","ID":"standard","Default":true}]
            """));
        Assert.Equal(200, set.StatusOf());

        var profile = new UserProfileConfig
        {
            AutoStorageTemplateGUID = own,
            Policy = new UserPolicy { DefaultNewStorageVault = mode },
        };

        Assert.Equal(expected, host.Service<VaultTemplates>().ForNew("", profile));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8060/", "https://backup.example.com/")]
    [InlineData("", "https://backup.example.com/")]
    [InlineData("https://other.example.com", "https://other.example.com/")]
    [InlineData("nonsense", null)]
    public void Address_that_no_device_can_use_is_replaced_by_the_public_one(string text, string? expected) =>
        Assert.Equal(
            expected, SelfAddress.Read(text, allowLoopback: false, "https://backup.example.com").Address?.AbsoluteUri);
}
