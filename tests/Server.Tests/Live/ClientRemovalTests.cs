using Halley.Protocol.Live;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>Who deletes an account or an organization may have the client removed from its connected devices.</summary>
public class ClientRemovalTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [InlineData("""{"UninstallFlag":true,"RemoveConfigFile":true}""", """uninstall-software {"RemoveSettings":true}""")]
    [InlineData("""{"UninstallFlag":false,"RemoveConfigFile":true}""", "")]
    [InlineData("", "")]
    public async Task Deleted_user_has_the_client_removed_if_that_was_asked_for(string config, string expected)
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var device = await host.AttachAsync();
        var given = Record(device);

        var deleted = await host.Server.AsAdministratorAsync(
            "delete-user", ("TargetUser", AccountCalls.User), ("UninstallConfig", config));

        Assert.Equal(200, deleted.StatusOf());
        Assert.Equal(expected, string.Join('\n', given));
    }

    [Fact]
    public async Task Deleted_organization_has_the_client_removed_from_all_devices()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var elsewhere = await host.AttachAsync();
        var organization = (await host.Server.AsAdministratorAsync("organization/set", ("Organization", """{"Name":"Acme"}""")))
            .GetProperty("ID").GetString()!;
        await host.Server.AddUserAsync("anna", "the password of anna", ("TargetOrganization", organization));
        await using var device = await host.AttachWithAsync(await host.SignInAsync("tower", "anna", "the password of anna"));
        var (given, givenElsewhere) = (Record(device), Record(elsewhere));

        var deleted = await host.Server.AsAdministratorAsync(
            "organization/delete", ("OrganizationID", organization), ("UninstallConfig", """{"UninstallFlag":true}"""));

        Assert.Equal(200, deleted.StatusOf());
        Assert.Equal("""uninstall-software {"RemoveSettings":false}""", Assert.Single(given));
        Assert.Empty(givenElsewhere);
    }

    private static List<string> Record(TestDevice device)
    {
        var given = new List<string>();
        device.Answers = command =>
        {
            given.Add($"{command.Kind} {command.Arguments}");
            return new CommandReport(command.Id, CommandStates.Done);
        };
        return given;
    }
}
