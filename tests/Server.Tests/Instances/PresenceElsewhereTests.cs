using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Tests.AuthRole;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Server.Tests.Live;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Instances;

/// <summary>Who is connected, as an instance sees it to which they are not.</summary>
public class PresenceElsewhereTests
{
    [Fact]
    public async Task Device_of_another_instance_is_seen_with_all_it_says_of_itself_and_can_be_closed()
    {
        await using var both = await TwoInstances.StartAsync();
        await using var device = await both.Second.AttachAsync(hello: TestDevice.NewHello(allowsFilenames: false));
        var seen = await TwoInstances.IsSeenAsync(both.First, device);

        Assert.Equal(
            (device.Welcome.ConnectionId, "1.2.0", "linux/amd64", "Europe/Berlin", false, "127.0.0.1", false),
            (seen.Id, seen.ClientVersion, seen.Platform, seen.TimeZone, seen.AllowsFilenames, seen.Address, seen.Reconnecting));
        Assert.Single((await both.First.Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices + "?connected=true"))!.Items);
        Assert.Equal(403, (await both.First.DispatchAsync(device, "request-filesystem-objects")).StatusOf());

        Assert.Equal(200, (await both.First.DispatchAsync(device, "drop-connection")).StatusOf());
        Assert.Equal(LeaveReasons.Dropped, (await device.Left).Reason);
        await device.ClosesAsync();
        Assert.Empty(await both.First.ActiveAsync());
        await TwoInstances.IsAsync("the event is told", async () => (await EventsAsync(both.First)).Contains(4703));
    }

    [Fact]
    public async Task Device_that_changes_the_instance_stays_the_same()
    {
        await using var both = await TwoInstances.StartAsync();
        var (key, hello) = (await both.First.SignInAsync(), TestDevice.NewHello());
        await using var before = await both.First.AttachWithAsync(key, hello);
        await TwoInstances.IsSeenAsync(both.Second, before);
        await using var after = await both.Second.AttachWithAsync(key, hello);
        await before.ClosesAsync();

        Assert.Equal(before.Welcome.ConnectionId, after.Welcome.ConnectionId);
        await after.BeatAsync();
        foreach (var host in new[] { both.First, both.Second })
        {
            Assert.Equal(after.Welcome.ConnectionId, Assert.Single(await host.ActiveAsync()).Key);
        }

        await TwoInstances.IsAsync("the event is told", async () => (await EventsAsync(both.First)).Count > 0);
        Assert.Equal(4702, Assert.Single(await EventsAsync(both.First)));
    }

    [Fact]
    public async Task Newer_of_two_programs_is_kept_and_two_machines_under_one_id_are_noticed_across_instances()
    {
        await using var both = await TwoInstances.StartAsync();
        var (first, second) = (TestDevice.NewHello(), TestDevice.NewHello());
        await using var one = await both.First.AttachAsync(hello: first);
        await TwoInstances.IsSeenAsync(both.Second, one);
        await using var other = await both.Second.AttachAsync(hello: second);
        Assert.Equal(LeaveReasons.Replaced, (await one.Left).Reason);
        await one.ClosesAsync();
        Assert.False((await both.Second.DeviceAsync()).Connection!.Cloned);
        await TwoInstances.IsSeenAsync(both.First, other);

        await using var again = await both.First.AttachAsync(hello: first);
        await other.ClosesAsync();
        Assert.True((await both.First.DeviceAsync()).Connection!.Cloned);
        Assert.True((await TwoInstances.IsSeenAsync(both.Second, again)).Cloned);
    }

    [Fact]
    public async Task Instance_that_stops_takes_its_devices_along_and_one_that_starts_knows_all()
    {
        await using var both = await TwoInstances.StartAsync();
        await using var device = await both.Second.AttachAsync();
        await TwoInstances.IsSeenAsync(both.First, device);
        await both.StopSecondAsync();
        await TwoInstances.IsAsync("the device is gone", async () => (await both.First.ActiveAsync()).Count == 0);
        await TwoInstances.IsAsync("the event is told", async () => (await EventsAsync(both.First)).Contains(4703));

        await using var here = await both.First.AttachAsync();
        await both.StartSecondAsync();
        await TwoInstances.IsSeenAsync(both.Second, here);
    }

    [Fact]
    public async Task Without_redis_an_instance_serves_its_own_devices_and_finds_the_others_when_it_is_back()
    {
        await using var both = await TwoInstances.StartAsync(redis: RedisServer.NotStarted());
        await using var own = await both.First.AttachAsync();
        Assert.Equal(own.Welcome.ConnectionId, Assert.Single(await both.First.ActiveAsync()).Key);
        Assert.Empty(await both.Second.ActiveAsync());
        Assert.Equal(("degraded", "degraded"), await ReadyAsync(both.First));

        await both.Redis.StartAgainAsync();
        await TwoInstances.IsSeenAsync(both.Second, own);
        await TwoInstances.IsAsync("the instance is ready", async () => await ReadyAsync(both.First) == ("ok", "ok"));

        // It forgets everything it knew.
        await both.Redis.KillAsync();
        await using var desktop = await both.Second.AttachAsync("desktop");
        await both.Redis.StartAgainAsync();
        await TwoInstances.IsAsync("both are known to both", async () =>
            (await both.First.ActiveAsync()).Count == 2 && (await both.Second.ActiveAsync()).Count == 2);
        Assert.DoesNotContain(4703, await EventsAsync(both.First));
    }

    [Fact]
    public async Task Job_is_stopped_on_a_device_of_another_instance()
    {
        await using var both = await TwoInstances.StartAsync();
        await using var device = await both.Second.AttachAsync();
        await TwoInstances.IsSeenAsync(both.First, device);
        var job = RoleServer.Job();
        (job.DeviceID, job.CancellationID) = ("", "stop-me");
        Assert.Equal("", (await device.ReportJobAsync(job)).Code);
        device.Answers = command => TestDevice.Done(command);

        using var stopped = await both.First.Admin.PostAsync(new Uri($"/api/v2/jobs/{job.GUID}/cancel", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Accepted, stopped.StatusCode);
        Assert.Single(device.Received);
    }

    private static async Task<(string Status, string Redis)> ReadyAsync(LiveHost host)
    {
        var ready = await host.Server.Http.GetFromJsonAsync<JsonElement>("/readyz");
        return (ready.GetProperty("status").GetString()!, ready.GetProperty("checks").GetProperty("redis").GetString()!);
    }

    private static async Task<List<int>> EventsAsync(LiveHost host) =>
        [.. (await host.Admin.GetFromJsonAsync<JsonElement>(Routes.Events + "?limit=1000")).GetProperty("items").EnumerateArray()
            .Select(told => told.GetProperty("type").GetInt32()).Where(type => type is 4702 or 4703)];
}
