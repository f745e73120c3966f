using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Live;
using Halley.Server.Live;
using Halley.Server.Live.Presence;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

public class PresenceTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [DatabaseData]
    public async Task Connected_device_is_seen_with_what_it_says_of_itself(TestDatabase database)
    {
        await using var host = await LiveHost.StartAsync(database);
        await using var device = await host.AttachAsync(hello: TestDevice.NewHello(allowsFilenames: false));
        await host.SignInAsync("offline");

        var (id, seen) = Assert.Single(await host.ActiveAsync());
        Assert.Equal(device.Welcome.ConnectionId, id);
        Assert.Equal((AccountCalls.User, LiveHost.Laptop, "1.2.0", "linux/amd64", "Europe/Berlin", false), (
            seen.Username, seen.DeviceID, seen.ReportedVersion, seen.ReportedPlatform, seen.DeviceTimeZone, seen.AllowsFilenames));
        Assert.Equal("Debian", seen.ReportedPlatformVersion.Distribution);
        Assert.Equal("127.0.0.1", seen.IPAddress);
        Assert.InRange(device.Welcome.HeartbeatSeconds, 12, 18);
        var fleet = await host.DeviceAsync();
        Assert.Equal((id, false, false), (fleet.Connection!.Id, fleet.Connection.Reconnecting, fleet.Connection.Cloned));
        Assert.InRange(fleet.Connection.ClockAheadSeconds, -5, 5);
        Assert.Null((await host.DeviceAsync("offline")).Connection);
        Assert.Equal(LiveHost.Laptop,
            Assert.Single((await host.Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices + "?connected=true"))!.Items).DeviceId);
        Assert.Equal("offline",
            Assert.Single((await host.Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices + "?connected=false"))!.Items).DeviceId);
        Assert.Empty((await host.Server.AsAdministratorAsync("dispatcher/list-active", ("UserNameFilter", "somebody"))).EnumerateObject());
        Assert.Single((await host.Server.AsUserAsync("dispatcher/list-active", AccountCalls.ByPassword())).EnumerateObject());
        await Eventually.HoldsAsync("the event is told", TimeSpan.FromSeconds(10), async () => (await EventsAsync(host)).Contains(4702));
    }

    [Theory]
    [DatabaseData]
    public async Task Device_that_comes_back_in_time_was_never_away_and_one_that_does_not_is_told_of(TestDatabase database)
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(database, clock);
        var key = await host.SignInAsync();
        var hello = TestDevice.NewHello();
        Guid id;
        await using (var first = await host.AttachWithAsync(key, hello))
        {
            id = first.Welcome.ConnectionId;
        }

        await host.PassesAsync(TimeSpan.Zero, "the line is down", () => host.Devices.Find(id, default) is { IsReconnecting: true });
        Assert.True((await host.DeviceAsync()).Connection!.Reconnecting);
        clock.Advance(LiveDevices.Grace - Second);
        await using (var second = await host.AttachWithAsync(key, hello))
        {
            Assert.Equal(id, second.Welcome.ConnectionId);
        }

        await host.PassesAsync(Second, "the device is given up", () => !host.IsConnected());
        Assert.Empty(await host.ActiveAsync());
        await Eventually.HoldsAsync("the event is told", TimeSpan.FromSeconds(10), async () => (await EventsAsync(host)).Contains(4703));
        Assert.Single(await EventsAsync(host), 4702);
        Assert.NotNull((await host.DeviceAsync()).LastSeenAt);
    }

    [Theory]
    [DatabaseData]
    public async Task Newer_of_two_sockets_is_kept_and_two_machines_under_one_id_are_noticed(TestDatabase database)
    {
        await using var host = await LiveHost.OnAsync(servers, database);
        var (first, second) = (TestDevice.NewHello(), TestDevice.NewHello());
        await using var one = await host.AttachAsync(hello: first);
        await using var other = await host.AttachAsync(hello: second);
        Assert.Equal((LeaveReasons.Replaced, 10), ((await one.Left).Reason, (await one.Left).ReconnectAfterSeconds)); // alive?
        await one.ClosesAsync();
        Assert.Equal(other.Welcome.ConnectionId, Assert.Single(await host.ActiveAsync()).Key);
        Assert.False((await host.DeviceAsync()).Connection!.Cloned);

        await using var again = await host.AttachAsync(hello: first);
        await other.ClosesAsync();
        Assert.True((await host.DeviceAsync()).Connection!.Cloned);
        Assert.Equal(again.Welcome.ConnectionId, Assert.Single(await host.ActiveAsync()).Key);
        await using var last = await host.AttachAsync(hello: second);
        Assert.True((await again.Left).ReconnectAfterSeconds > 60); // both are known, so they need not take turns quickly
    }

    [Fact]
    public async Task Same_program_on_a_second_socket_goes_on_there_and_the_end_of_the_first_changes_nothing()
    {
        await using var host = await LiveHost.OnAsync(servers);
        var (key, hello) = (await host.SignInAsync(), TestDevice.NewHello());
        await using var first = await host.AttachWithAsync(key, hello);
        await using var second = await host.AttachWithAsync(key, hello);
        await first.ClosesAsync();

        Assert.Equal(first.Welcome.ConnectionId, second.Welcome.ConnectionId);
        await second.BeatAsync();
        Assert.False((await host.DeviceAsync()).Connection!.Reconnecting);
    }

    [Theory]
    [DatabaseData]
    public async Task Connection_ends_with_its_session(TestDatabase database)
    {
        await using var host = await LiveHost.OnAsync(servers, database);
        await using (var device = await host.AttachAsync())
        {
            using var revoked = await host.Admin.DeleteAsync($"/api/v2/accounts/{AccountCalls.User}/devices/{LiveHost.Laptop}");
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
            Assert.Equal((LeaveReasons.SessionEnded, null), ((await device.Left).Reason, (await device.Left).ReconnectAfterSeconds));
            await device.ClosesAsync();
        }

        await using var another = await host.AttachAsync("desktop");
        using var suspended =
            await host.Admin.PatchAsJsonAsync($"/api/v2/accounts/{AccountCalls.User}", new UpdateAccount(Suspended: true));
        Assert.Equal(HttpStatusCode.OK, suspended.StatusCode);
        Assert.Equal(LeaveReasons.SessionEnded, (await another.Left).Reason);
        await another.ClosesAsync();
        Assert.Empty(await host.ActiveAsync());
    }

    [Fact]
    public async Task Being_connected_keeps_a_session_alive_until_its_final_end()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock);
        await using var device = await host.AttachAsync();
        for (var half = 0; half < 4; half++)
        {
            clock.Advance(TimeSpan.FromMinutes(20));
            await host.Server.Service<LiveSessions>().RunOnceAsync(default);
        }

        await device.BeatAsync();
        clock.Advance(TimeSpan.FromHours(48));
        await host.Server.Service<LiveSessions>().RunOnceAsync(default);
        Assert.Equal(LeaveReasons.SessionEnded, (await device.Left).Reason);
    }

    [Fact]
    public async Task Who_does_not_say_what_it_is_or_has_no_device_is_closed()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock);
        await using var silent = await host.ConnectWithAsync(await host.SignInAsync());
        await host.PassesAsync(TimeSpan.FromSeconds(2), "the silent one is closed", () => silent.Closed.IsCompleted);

        using var user =
            await host.Server.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(AccountCalls.User, LKey: AccountCalls.LKeyOf()));
        var key = (await user.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
        await using var program = await host.ConnectWithAsync(key);
        await program.ClosesAsync();
        await using var odd = await host.ConnectWithAsync(await host.SignInAsync());
        var tooLong = TestDevice.NewHello() with { Platform = new string('x', 200) };
        Assert.Equal(
            "hello_invalid", (await TestDevice.AttachAsync(host.Server.Http.BaseAddress!, await host.SignInAsync(), tooLong)).Welcome.Code);
    }

    [Fact]
    public async Task Nobody_comes_in_without_a_session_or_by_another_transport()
    {
        await using var host = await LiveHost.OnAsync(servers);

        await Assert.ThrowsAnyAsync<Exception>(() => host.ConnectWithAsync(new string('0', 64)));
        using var stranger = await host.Server.Http.PostAsync(new Uri("/live/negotiate", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using var client = host.Server.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", await host.SignInAsync());
        using var negotiation = await client.PostAsync(new Uri("/live/negotiate?negotiateVersion=1", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.BadRequest, "negotiation_not_needed"), (negotiation.StatusCode, await negotiation.CodeOfAsync()));
        using var administrator = await host.Admin.GetAsync(new Uri("/live", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, administrator.StatusCode);
    }

    [Fact]
    public async Task Malformed_message_closes_the_connection_and_is_one_line_in_the_log()
    {
        using var directory = new TemporaryDirectory();
        string[] malformed =
        [
            "no JSON at all",
            """{"type":1,"target":"Attach","arguments":"no list"}""",
            """{"type":"one"}""",
            """{"type":1,"target":7,"arguments":[]}""",
            $$"""{"type":1,"target":"Attach","arguments":["{{new string('x', (int)LiveSetup.LongestMessage)}}"]}""",
        ];
        var options = new ServerHostOptions { Kestrel = true, DataDirectory = directory.Path };
        await using (var server = await ServerHost.StartWithAdministratorAsync(options))
        {
            await server.AddUserByLKeyAsync();
            await using var host = await LiveHost.OnAsync(server);
            var key = await host.SignInAsync();
            foreach (var text in malformed)
            {
                await RawSocket.SendUntilClosedAsync(server.Http.BaseAddress!, key, text);
            }
        }

        var log = ServerHost.ReadLog(directory.Path);
        var lines = log.Split('\n').Where(line => line.Contains("malformed message", StringComparison.Ordinal)).ToList();
        Assert.True(lines.Count == malformed.Length, log);
        Assert.DoesNotContain("\n   at ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_Auth_Role_no_device_is_connected()
    {
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite);
        await using var device = await host.AttachAsync();
        Assert.Null(await host.Server.Service<Settings.ServerSettings>().ChangeAsync(
            settings => settings.AuthenticationRole.RoleEnabled = false,
            default));
        await host.Server.Service<LiveSessions>().RunOnceAsync(default);
        Assert.Equal(LeaveReasons.SentAway, (await device.Left).Reason);
        using var refused = await host.Server.Http.GetAsync(new Uri("/live", UriKind.Relative));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "auth_role_off"), (refused.StatusCode, await refused.CodeOfAsync()));
    }

    [Fact]
    public async Task Fleet_that_reconnects_is_let_in_bit_by_bit()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite, clock, ("Halley:Live:ConnectionsPerSecond", "5"));
        var waits = new List<int>();
        for (var device = 0; device < 30; device++)
        {
            using var answer = await host.Server.Http.GetAsync(new Uri("/live", UriKind.Relative));
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                waits.Add((int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
            }
        }

        Assert.Equal(25, waits.Count);
        Assert.All(waits, wait => Assert.InRange(wait, 1, 10));
        Assert.True(waits.Distinct().Count() > 1);
        clock.Advance(Second);
        await using var let = await host.AttachAsync();
        using var other = await host.Server.Http.GetAsync(new Uri("/healthz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Administrator_closes_connections_for_now_or_for_good()
    {
        await using var host = await LiveHost.OnAsync(servers);
        await using var dropped = await host.AttachAsync();
        Assert.Equal(200, (await host.DispatchAsync(dropped, "drop-connection")).StatusOf());
        Assert.Equal((LeaveReasons.Dropped, 2), ((await dropped.Left).Reason, (await dropped.Left).ReconnectAfterSeconds));
        Assert.Equal(403, (await host.DispatchAsync(dropped, "drop-connection")).StatusOf());

        await using var killed = await host.AttachAsync();
        Assert.Equal(200, (await host.DispatchAsync(killed, "kill-process")).StatusOf());
        Assert.Equal((LeaveReasons.SentAway, null), ((await killed.Left).Reason, (await killed.Left).ReconnectAfterSeconds));
        await using var third = await host.AttachAsync();
        using var closed = await host.Admin.DeleteAsync($"/api/v2/devices/{LiveHost.Laptop}/connection");
        Assert.Equal(HttpStatusCode.NoContent, closed.StatusCode);
        await third.ClosesAsync();
        using var none = await host.Admin.DeleteAsync($"/api/v2/devices/{LiveHost.Laptop}/connection");
        Assert.Equal("device_not_connected", await none.CodeOfAsync());
    }

    [Fact]
    public async Task Server_that_stops_tells_devices_when_to_come_back()
    {
        var host = await LiveHost.StartAsync(TestDatabase.Sqlite, null, ("Halley:Live:DrainSeconds", "20"));
        await using var device = await host.AttachAsync();
        await host.DisposeAsync();

        Assert.Equal(LeaveReasons.Draining, (await device.Left).Reason);
        Assert.InRange((await device.Left).ReconnectAfterSeconds!.Value, 1, 21);
    }

    private static async Task<List<int>> EventsAsync(LiveHost host) =>
        [.. (await host.Admin.GetFromJsonAsync<JsonElement>(Routes.Events + "?limit=1000")).GetProperty("items").EnumerateArray()
            .Select(told => told.GetProperty("type").GetInt32()).Where(type => type is 4702 or 4703)];
}
