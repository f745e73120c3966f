using Halley.Protocol.Live;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>Devices behind the proxies as they are shipped, all of them in another language.</summary>
public sealed class LiveTests
{
    private const int DrainSeconds = 2;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Devices_in_another_language_are_commanded_through_proxies_and_survive_a_kill_and_a_stop_of_the_server()
    {
        await using var installation = await Installation.StartAsync(
            options: new Dictionary<string, string> { ["Halley:Live:DrainSeconds"] = $"{DrainSeconds}" });
        await using var nginx = await Route.OpenAsync(Route.Nginx, installation.Server.Address);
        await using var haProxy = await Route.OpenAsync(Route.HaProxy, installation.Server.Address);
        using var office = await FleetOffice.OpenAsync(installation.Server.Address);
        await using var devices = new NodeDevices();
        foreach (var (route, encoding) in new[] { (nginx, "json"), (haProxy, "msgpack") })
        {
            var name = $"node-{encoding}";
            devices[name] = await NodeDevice.StartAsync(route, await office.SignInDeviceAsync(name), encoding);
        }

        foreach (var (name, device) in devices)
        {
            await device.HappensAsync("attached");
            await IsCommandedAsync(office, name);
        }

        await installation.Server.KillAsync();
        await HappensToAllAsync(devices, "closed");
        await installation.Server.StartAgainAsync();
        foreach (var (name, device) in devices)
        {
            var waiting = await office.GiveAsync(
                name, CommandCatalog.ListSnapshots.Name, new VaultArguments("vault"), waitForDevice: true);
            await device.HappensAsync("attached", times: 2);
            await Eventually.HoldsAsync(
                "the command is done", Soon, async () => (await office.FindAsync(waiting.Id)).State == CommandStates.Done);
        }

        await installation.Server.StopAsync();
        await HappensToAllAsync(devices, "leave");
        foreach (var device in devices.Values)
        {
            Assert.Equal(LeaveReasons.Draining, device.Last("leave").GetProperty("reason").GetString());
            Assert.InRange(device.Last("leave").GetProperty("after").GetInt32(), 1, DrainSeconds + 1);
        }

        await installation.Server.StartAgainAsync();
        await HappensToAllAsync(devices, "attached", times: 3);
        foreach (var (name, device) in devices)
        {
            await OrderAsync(office, name, "drop-connection");
            await device.HappensAsync("attached", times: 4);
            await OrderAsync(office, name, "kill-process");
            await device.ExitsAsync();
            Assert.Equal(0, device.Count("error"));
        }
    }

    private static async Task IsCommandedAsync(FleetOffice office, string name)
    {
        var connection = (await office.ConnectionOfAsync(name))!;
        Assert.Equal(
            ("9.9.9", "node/javascript", "Pacific/Auckland"), (connection.ClientVersion, connection.Platform, connection.TimeZone));
        Assert.InRange(connection.ClockAheadSeconds, -5, 5);

        var snapshots =
            await office.CallAsync("dispatcher/request-vault-snapshots", ("TargetID", connection.Id.ToString()), ("Destination", "vault"));
        Assert.Equal("of-node", snapshots.GetProperty("Snapshots")[0].GetProperty("Snapshot").GetString());
        var refused = await office.GiveAsync(name, CommandCatalog.RefetchProfile.Name);
        Assert.Equal((CommandStates.Failed, "not_supported"), (refused.State, refused.Code));
    }

    private static async Task OrderAsync(FleetOffice office, string name, string call)
    {
        var connection = (await office.ConnectionOfAsync(name))!;
        var answer = await office.CallAsync($"dispatcher/{call}", ("TargetID", connection.Id.ToString()));
        Assert.Equal(200, answer.GetProperty("Status").GetInt32());
    }

    private static async Task HappensToAllAsync(NodeDevices devices, string what, int times = 1)
    {
        foreach (var device in devices.Values)
        {
            await device.HappensAsync(what, times);
        }
    }
}
