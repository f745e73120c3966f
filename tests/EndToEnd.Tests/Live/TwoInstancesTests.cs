using System.Net;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Testing.Live;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>Two instances behind the proxies as they are shipped in <c>deploy/multi-node</c>.</summary>
public sealed class TwoInstancesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    // What is promised is 15 seconds; the rest is for the machine on which this runs.
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(20);
    private static readonly string[] Devices = ["node-1", "node-2", "node-3"];

    [Theory]
    [InlineData(Route.Nginx, "json")]
    [InlineData(Route.HaProxy, "msgpack")]
    public async Task Devices_are_commanded_from_either_instance_and_survive_the_death_of_each(string routeName, string encoding)
    {
        await using var servers = await TwoServers.StartAsync();
        await using var route = await Route.OpenAsync(routeName, servers.First.Address, servers.Second.Address);
        using var first = await FleetOffice.OpenAsync(servers.First.Address);
        using var second = await FleetOffice.AtAsync(servers.Second.Address);
        var keys = new Dictionary<string, string>();
        foreach (var name in Devices.Append("lonely"))
        {
            keys[name] = await first.SignInDeviceAsync(name);
        }

        await using var one = await NodeDevice.StartAsync(route, keys[Devices[0]], encoding);
        await one.HappensAsync("attached");
        await using var two = await NodeDevice.StartAsync(route, keys[Devices[1]], encoding);
        await two.HappensAsync("attached");
        await using var three = await NodeDevice.StartAsync(route, keys[Devices[2]], encoding);
        await three.HappensAsync("attached");
        await Eventually.HoldsAsync("each instance has devices", Soon, async () =>
            await servers.DevicesOfEachAsync() is { Count: 2 } counts && counts.All(count => count > 0));
        await CommandedAsync(first);
        await CommandedAsync(second);

        // A device that does not come back shows when the instance is given up.
        await using (await TestDevice.AttachAsync(servers.Second.Address, keys["lonely"]))
        {
            await Eventually.HoldsAsync("it is seen", Soon, async () => await first.ConnectionOfAsync("lonely") is not null);
            await servers.Second.KillAsync();
        }

        await Eventually.HoldsAsync("it counts as gone", GoneWithin, async () => await first.ConnectionOfAsync("lonely") is null);
        await CommandedAsync(first);

        await servers.Second.StartAgainAsync();
        await CommandedAsync(second);
        await servers.First.KillAsync();
        await CommandedAsync(second);
        await StorageIsAsync(route, HttpStatusCode.ServiceUnavailable);

        await servers.First.StartAgainAsync();
        await CommandedAsync(first);
        await StorageIsAsync(route, HttpStatusCode.Unauthorized);
        Assert.Equal(0, one.Count("error") + two.Count("error") + three.Count("error"));
    }

    [Fact]
    public async Task Instance_that_stops_sends_its_devices_to_the_other_one()
    {
        await using var servers = await TwoServers.StartAsync();
        await using var route = await Route.OpenAsync(Route.Nginx, servers.First.Address, servers.Second.Address);
        using var first = await FleetOffice.OpenAsync(servers.First.Address);
        await using var one = await NodeDevice.StartAsync(route, await first.SignInDeviceAsync(Devices[0]), "json");
        await one.HappensAsync("attached");
        await using var two = await NodeDevice.StartAsync(route, await first.SignInDeviceAsync(Devices[1]), "json");
        await two.HappensAsync("attached");
        await Eventually.HoldsAsync(
            "each instance has devices", Soon, async () => (await servers.DevicesOfEachAsync()).SequenceEqual([1L, 1L]));

        await servers.Second.StopAsync();
        await Eventually.HoldsAsync("the first has both", Soon, async () => (await servers.DevicesOfEachAsync()).SequenceEqual([2L]));
        Assert.Equal(1, one.Count("leave") + two.Count("leave"));
    }

    // Each device does a command; one that is just changing the instance is asked again.
    private static async Task CommandedAsync(FleetOffice office)
    {
        foreach (var device in Devices)
        {
            await Eventually.HoldsAsync($"{device} does what it is told", Soon, async () =>
            {
                if (await office.ConnectionOfAsync(device) is null)
                {
                    return false;
                }

                var done = await office.GiveAsync(
                    device, CommandCatalog.ListSnapshots.Name, new VaultArguments("vault"), waitForDevice: true);
                return done.State == CommandStates.Done;
            });
        }
    }

    // Through the proxy the vault always is where the storage is: without a key it asks for one there.
    private static async Task StorageIsAsync(Route route, HttpStatusCode expected)
    {
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        using var http = new HttpClient(handler) { BaseAddress = route.Address };
        await Eventually.HoldsAsync($"the vault answers {expected}", Soon, async () =>
        {
            using var answer = await http.GetAsync(new Uri($"{Routes.Vault}/some-bucket/config", UriKind.Relative));
            return answer.StatusCode == expected;
        });
    }
}
