using Halley.Protocol.Live;
using Halley.Testing.Live;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>Devices behind the proxies as they are shipped, one of them in another language.</summary>
public sealed class LiveTests(SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    private const string Device = "node";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(Route.Nginx, "json")]
    [InlineData(Route.HaProxy, "msgpack")]
    public async Task Device_in_another_language_is_commanded_through_a_proxy_and_survives_a_kill_of_the_server(
        string routeName, string encoding)
    {
        var installation = shared.Installation;
        var name = $"{Device}-{routeName}";
        await using var route = await Route.OpenAsync(routeName, installation.Server.Address);
        using var office = await FleetOffice.OpenAsync(installation.Server.Address, $"{routeName}@example.com");
        await using var device = await NodeDevice.StartAsync(route, await office.SignInDeviceAsync(name), encoding);
        await device.HappensAsync("attached");
        var connection = (await office.ConnectionOfAsync(name))!;
        Assert.Equal(
            ("9.9.9", "node/javascript", "Pacific/Auckland"), (connection.ClientVersion, connection.Platform, connection.TimeZone));
        Assert.InRange(connection.ClockAheadSeconds, -5, 5);

        var snapshots =
            await office.CallAsync("dispatcher/request-vault-snapshots", ("TargetID", connection.Id.ToString()), ("Destination", "vault"));
        Assert.Equal("of-node", snapshots.GetProperty("Snapshots")[0].GetProperty("Snapshot").GetString());
        var refused = await office.GiveAsync(name, CommandCatalog.RefetchProfile.Name);
        Assert.Equal((CommandStates.Failed, "not_supported"), (refused.State, refused.Code));

        await installation.Server.KillAsync();
        await device.HappensAsync("closed");
        await installation.Server.StartAgainAsync();
        var waiting = await office.GiveAsync(
            name, CommandCatalog.ListSnapshots.Name, new VaultArguments("vault"), waitForDevice: true);
        await device.HappensAsync("attached", times: 2);
        await Eventually.HoldsAsync(
            "the command is done", Soon, async () => (await office.FindAsync(waiting.Id)).State == CommandStates.Done);

        var now = (await office.ConnectionOfAsync(name))!;
        Assert.Equal(
            200, (await office.CallAsync("dispatcher/drop-connection", ("TargetID", now.Id.ToString()))).GetProperty("Status").GetInt32());
        await device.HappensAsync("attached", times: 3);
        now = (await office.ConnectionOfAsync(name))!;
        Assert.Equal(
            200, (await office.CallAsync("dispatcher/kill-process", ("TargetID", now.Id.ToString()))).GetProperty("Status").GetInt32());
        await device.ExitsAsync();
        Assert.Equal(0, device.Count("error"));
    }

    [Fact]
    public async Task Server_that_stops_takes_leave_and_the_device_comes_back_to_it()
    {
        await using var installation =
            await Installation.StartAsync(options: new Dictionary<string, string> { ["Halley:Live:DrainSeconds"] = "2" });
        await using var route = await Route.OpenAsync(Route.Nginx, installation.Server.Address);
        using var office = await FleetOffice.OpenAsync(installation.Server.Address);
        await using var device = await NodeDevice.StartAsync(route, await office.SignInDeviceAsync(Device), "json");
        await device.HappensAsync("attached");
        await installation.Server.StopAsync();
        await device.HappensAsync("leave");
        Assert.Equal(LeaveReasons.Draining, device.Last("leave").GetProperty("reason").GetString());
        Assert.InRange(device.Last("leave").GetProperty("after").GetInt32(), 1, 3);
        await installation.Server.StartAgainAsync();
        await device.HappensAsync("attached", times: 2);
    }
}
