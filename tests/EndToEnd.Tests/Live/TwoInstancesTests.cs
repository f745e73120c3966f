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

    [Fact]
    public async Task Devices_behind_either_proxy_are_commanded_from_either_instance_and_survive_the_death_of_each()
    {
        await using var servers = await TwoServers.StartAsync();
        await using var nginx = await Route.OpenAsync(Route.Nginx, servers.First.Address, servers.Second.Address);
        await using var haProxy = await Route.OpenAsync(Route.HaProxy, servers.First.Address, servers.Second.Address);
        using var first = await FleetOffice.OpenAsync(servers.First.Address);
        using var second = await FleetOffice.AtAsync(servers.Second.Address);
        var lonely = await first.SignInDeviceAsync("lonely");
        await using var devices = new NodeDevices();
        IReadOnlyList<long> before = [0, 0];
        foreach (var (route, encoding) in new[] { (nginx, "json"), (haProxy, "msgpack") })
        {
            for (var number = 1; number <= 3; number++)
            {
                var name = $"{encoding}-{number}";
                devices[name] = await NodeDevice.StartAsync(route, await first.SignInDeviceAsync(name), encoding);
                await devices[name].HappensAsync("attached");
            }

            await Eventually.HoldsAsync("each instance has devices of the route", Soon, async () =>
                await servers.DevicesOfEachAsync() is { Count: 2 } counts && counts.Zip(before).All(pair => pair.First > pair.Second));
            before = await servers.DevicesOfEachAsync();
        }

        await CommandedAsync(first, devices);
        await CommandedAsync(second, devices);

        // A device that does not come back shows when the instance is given up.
        await using (await TestDevice.AttachAsync(servers.Second.Address, lonely))
        {
            await Eventually.HoldsAsync("it is seen", Soon, async () => await first.ConnectionOfAsync("lonely") is not null);
            await servers.Second.KillAsync();
        }

        await Eventually.HoldsAsync("it counts as gone", GoneWithin, async () => await first.ConnectionOfAsync("lonely") is null);
        await CommandedAsync(first, devices);

        await servers.Second.StartAgainAsync();
        await CommandedAsync(second, devices);
        await servers.First.KillAsync();
        await CommandedAsync(second, devices);
        await StorageIsAsync(nginx, HttpStatusCode.ServiceUnavailable);
        await StorageIsAsync(haProxy, HttpStatusCode.ServiceUnavailable);

        await servers.First.StartAgainAsync();
        await CommandedAsync(first, devices);
        await StorageIsAsync(nginx, HttpStatusCode.Unauthorized);
        await StorageIsAsync(haProxy, HttpStatusCode.Unauthorized);
        Assert.All(devices.Values, device => Assert.Equal(0, device.Count("error")));
    }

    [Fact]
    public async Task Instance_that_stops_sends_its_devices_to_the_other_one()
    {
        await using var servers = await TwoServers.StartAsync();
        await using var route = await Route.OpenAsync(Route.Nginx, servers.First.Address, servers.Second.Address);
        using var first = await FleetOffice.OpenAsync(servers.First.Address);
        await using var one = await NodeDevice.StartAsync(route, await first.SignInDeviceAsync("node-1"), "json");
        await one.HappensAsync("attached");
        await using var two = await NodeDevice.StartAsync(route, await first.SignInDeviceAsync("node-2"), "json");
        await two.HappensAsync("attached");
        await Eventually.HoldsAsync(
            "each instance has devices", Soon, async () => (await servers.DevicesOfEachAsync()).SequenceEqual([1L, 1L]));

        await servers.Second.StopAsync();
        await Eventually.HoldsAsync("the first has both", Soon, async () => (await servers.DevicesOfEachAsync()).SequenceEqual([2L]));
        Assert.Equal(1, one.Count("leave") + two.Count("leave"));
    }

    // Each device does a command; one that is just changing the instance is asked again.
    private static async Task CommandedAsync(FleetOffice office, NodeDevices devices)
    {
        foreach (var device in devices.Keys)
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
