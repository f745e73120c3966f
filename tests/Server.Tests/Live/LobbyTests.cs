using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.CometApi.Wire;
using Halley.Server.Live;
using Halley.Server.Live.Lobby;
using Halley.Server.Organizations;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;

namespace Halley.Server.Tests.Live;

/// <summary>Devices that are installed, have no account yet, and are signed in from afar.</summary>
public class LobbyTests
{
    private const string Tower = "tower";

    [Theory]
    [DatabaseData]
    public async Task Device_in_the_lobby_is_signed_in_and_is_one_of_the_account_then(TestDatabase database)
    {
        await using var host = await LiveHost.StartAsync(database);
        await using var waiting = await WaitAsync(host);
        Assert.Equal("", waiting.Welcome.Code);
        var seen = Assert.Single(await ListAsync(host));
        Assert.Equal((Tower, "name of tower", "", "1.2.0", "linux/amd64", "Europe/Berlin", "127.0.0.1"), (
            seen.DeviceId, seen.Name, seen.OrganizationId, seen.ClientVersion, seen.Platform, seen.TimeZone, seen.Address));

        var session = "";
        waiting.SignIn = async order =>
        {
            session = await RedeemAsync(host, order);
            return new LobbyOutcome(IsDone: true);
        };
        using var signedIn = await SignInAsync(host, Tower, AccountCalls.User);
        Assert.Equal(HttpStatusCode.NoContent, signedIn.StatusCode);
        await using var device = await host.AttachWithAsync(session);
        Assert.Equal(AccountCalls.User, (await host.DeviceAsync(Tower)).Username);

        await waiting.DisposeAsync();
        await Eventually.HoldsAsync("the lobby is empty", TimeSpan.FromSeconds(10), async () => (await ListAsync(host)).Count == 0);
    }

    [Fact]
    public async Task Vendors_calls_check_the_password_and_the_device_never_sees_it()
    {
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite);
        await using var waiting = await WaitAsync(host);
        LobbySignIn? asked = null;
        waiting.SignIn = async order =>
        {
            asked = order;
            await RedeemAsync(host, order);
            return new LobbyOutcome(IsDone: true);
        };
        var listed = (await host.Server.AsAdministratorAsync("installation/list-active"))
            .Deserialize<Dictionary<string, RegistrationLobbyConnection>>(CometJson.Options)!;
        Assert.Equal((Tower, "Debian"), (listed.Values.Single().DeviceID, listed.Values.Single().ReportedPlatformVersion.Distribution));

        // Its answer is a text as JSON, and a refusal has the status of HTTP.
        async Task<(int, JsonElement)> RegisterAsync(string password, string device = Tower)
        {
            using var form = new FormUrlEncodedContent([
                new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
                new("DeviceID", device), new("TargetUser", AccountCalls.User), new("TargetPassword", password),
            ]);
            using var answer = await host.Server.Http.PostAsync(
                new Uri($"{Routes.CometApi}/admin/installation/dispatch/register-device", UriKind.Relative), form);
            return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }

        Assert.Equal(403, (await RegisterAsync("wrong")).Item1);
        Assert.Null(asked);
        Assert.Equal(403, (await RegisterAsync(AccountCalls.Password, "nobody")).Item1);
        var (status, text) = await RegisterAsync(AccountCalls.Password);
        Assert.Equal((200, "OK"), (status, text.GetString()));
        Assert.Equal(AccountCalls.User, asked!.Username);
        Assert.DoesNotContain(AccountCalls.Password, asked.Token, StringComparison.Ordinal);

        Assert.Equal(
            200, (await host.Server.AsAdministratorAsync("installation/dispatch/drop-connection", ("DeviceID", Tower))).StatusOf());
        Assert.Equal(LeaveReasons.SentAway, (await waiting.Left).Reason);
        await waiting.ClosesAsync();
    }

    [Fact]
    public async Task Device_that_cannot_sign_in_says_why_and_its_token_is_void()
    {
        await using var host = await LiveHost.StartAsync(TestDatabase.Sqlite);
        await using var waiting = await WaitAsync(host);
        LobbySignIn? asked = null;
        waiting.SignIn = order =>
        {
            asked = order;
            return Task.FromResult(new LobbyOutcome(IsDone: false, "The disk is full."));
        };
        using var failed = await SignInAsync(host, Tower, AccountCalls.User);
        Assert.Equal((HttpStatusCode.Conflict, "sign_in_failed"), (failed.StatusCode, await failed.CodeOfAsync()));
        Assert.Contains("The disk is full.", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var late = await TryRedeemAsync(host, asked!);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);

        using var unknown = await SignInAsync(host, Tower, "nobody");
        Assert.Equal("account_not_found", await unknown.CodeOfAsync());
        using var absent = await SignInAsync(host, "nobody", AccountCalls.User);
        Assert.Equal("device_not_waiting", await absent.CodeOfAsync());
    }

    [Fact]
    public async Task Strangers_are_bounded_and_one_cannot_take_the_place_of_another()
    {
        var clock = LiveHost.NewClock();
        await using var host = await LiveHost.StartAsync(
            TestDatabase.Sqlite, clock, ("Halley:Live:MaxWaiting", "3"), ("Halley:TrustedProxies:0", "127.0.0.1"));
        await using var first = await WaitAsync(host);
        await using var other =
            await TestLobbyDevice.WaitAsync(host.Server.Http.BaseAddress!, TestLobbyDevice.NewHello(Tower), "192.0.2.7");
        Assert.Equal("device_id_taken", other.Welcome.Code);
        await using var again = await WaitAsync(host);
        Assert.Equal("", again.Welcome.Code);
        await first.ClosesAsync();

        await using var third = await TestLobbyDevice.ConnectAsync(host.Server.Http.BaseAddress!);
        await using var tooMany = await TestLobbyDevice.ConnectAsync(host.Server.Http.BaseAddress!);
        Assert.Equal(LeaveReasons.SentAway, (await tooMany.Left).Reason);
        clock.Advance(LiveSockets.AttachLimit);
        await host.PassesAsync(
            TimeSpan.FromSeconds(1), "who does not say what he is has to go", () => host.Server.Service<LobbyDevices>().Count < 3);
        await third.ClosesAsync();
        await using var odd = await TestLobbyDevice.WaitAsync(
            host.Server.Http.BaseAddress!, TestLobbyDevice.NewHello("odd") with { Name = new string('x', 256) });
        Assert.Equal("hello_invalid", odd.Welcome.Code);
    }

    private static Task<TestLobbyDevice> WaitAsync(LiveHost host) =>
        TestLobbyDevice.WaitAsync(host.Server.Http.BaseAddress!, TestLobbyDevice.NewHello(Tower));

    private static async Task<List<LobbyDeviceInfo>> ListAsync(LiveHost host) =>
        (await host.Admin.GetFromJsonAsync<List<LobbyDeviceInfo>>(Routes.LobbyDevices))!;

    private static Task<HttpResponseMessage> SignInAsync(LiveHost host, string device, string user) =>
        host.Admin.PostAsJsonAsync(Routes.LobbySignIn.Replace("{deviceId}", device, StringComparison.Ordinal), new SignInLobbyDevice(user));

    private static Task<HttpResponseMessage> TryRedeemAsync(LiveHost host, LobbySignIn order) => host.Server.Http.PostAsJsonAsync(
        Routes.InstallTokenSessions,
        new RedeemInstallToken(order.Username, order.Token, new RegisterDevice(Tower, Tower, new OSInfo(), "1.0", "UTC")));

    private static async Task<string> RedeemAsync(LiveHost host, LobbySignIn order)
    {
        using var answer = await TryRedeemAsync(host, order);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }
}
