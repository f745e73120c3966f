using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.CometApi.Wire;
using Halley.Server.Live;
using Halley.Server.Live.Presence;
using Halley.Server.Organizations;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;
using Halley.Testing.Live;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Live;

/// <summary>A server with a real socket, an account and devices of it.</summary>
internal sealed class LiveHost(ServerHost server, FakeTimeProvider? clock, bool ownsServer = true) : IAsyncDisposable
{
    public const string Laptop = "laptop";

    public ServerHost Server => server;

    public HttpClient Admin { get; private set; } = null!;

    public LiveDevices Devices => server.Service<LiveDevices>();

    private Uri Address => server.Http.BaseAddress!;

    /// <summary>With a clock that the test moves when <paramref name="clock"/> is given.</summary>
    public static async Task<LiveHost> StartAsync(
        TestDatabase database, FakeTimeProvider? clock = null, params (string Name, string Value)[] settings)
    {
        var options = new ServerHostOptions
        {
            Database = database,
            Kestrel = true,
            Time = clock,
            Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        };
        var server = await ServerHost.StartWithAdministratorAsync(options);
        var host = new LiveHost(server, clock) { Admin = await server.SignInAsync() };
        await server.AddUserByLKeyAsync();
        return host;
    }

    /// <summary>On data and a database that stay when it is gone; the second time it finds its administrator and user there.</summary>
    public static async Task<LiveHost> StartInAsync(string directory, string? connectionString)
    {
        var isNew = !Directory.EnumerateFileSystemEntries(directory).Any();
        var server = await ServerHost.StartAsync(new ServerHostOptions
        {
            Kestrel = true,
            DataDirectory = directory,
            ConnectionString = connectionString,
            Database = connectionString is null ? TestDatabase.Sqlite : TestDatabase.PostgreSql,
        });
        if (isNew)
        {
            await server.CreateAdministratorAsync();
            await server.AddUserByLKeyAsync();
        }

        return new LiveHost(server, null) { Admin = await server.SignInAsync() };
    }

    /// <summary>A server that is there already, with its administrator and user.</summary>
    public static async Task<LiveHost> OnAsync(ServerHost server, FakeTimeProvider? clock = null) =>
        new(server, clock) { Admin = await server.SignInAsync() };

    /// <summary>The server that the tests of a class share on a database, with a new user in place of what earlier tests made.</summary>
    public static async Task<LiveHost> OnAsync(SharedServers servers, TestDatabase database = TestDatabase.Sqlite)
    {
        var server = await servers.AsNewAsync(database);
        var host = new LiveHost(server, null, ownsServer: false) { Admin = await server.SignInAsync() };
        await server.Service<LiveSessions>().RunOnceAsync(default);
        await Eventually.HoldsAsync(
            "the devices of earlier tests are gone", TimeSpan.FromSeconds(30),
            () => Task.FromResult(host.Devices.List(TenantScope.Everything).Count == 0));
        await server.AddUserByLKeyAsync();
        return host;
    }

    /// <summary>The present moment of the server.</summary>
    public static FakeTimeProvider NewClock() => new(DateTimeOffset.UtcNow);

    /// <summary>Signs a device of the user in.</summary>
    public async Task<string> SignInAsync(
        string device = Laptop, string user = AccountCalls.User, string password = AccountCalls.Password)
    {
        using var answer = await server.Http.PostAsJsonAsync(Routes.Sessions, new StartSession(
            user, LKey: AccountCalls.LKeyOf(user, password), Device: new RegisterDevice(device, device, new OSInfo(), "1.0", "UTC")));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }

    public async Task<TestDevice> AttachAsync(string device = Laptop, LiveHello? hello = null, bool messagePack = false) =>
        await TestDevice.AttachAsync(Address, await SignInAsync(device), hello, messagePack);

    public Task<TestDevice> AttachWithAsync(string sessionKey, LiveHello? hello = null) =>
        TestDevice.AttachAsync(Address, sessionKey, hello);

    public Task<TestDevice> ConnectWithAsync(string sessionKey) => TestDevice.ConnectAsync(Address, sessionKey);

    /// <summary>What the vendor's call says are connected.</summary>
    public async Task<Dictionary<Guid, LiveUserConnection>> ActiveAsync() =>
        (await server.AsAdministratorAsync("dispatcher/list-active")).Deserialize<Dictionary<Guid, LiveUserConnection>>(CometJson.Options)!;

    public async Task<DeviceStatus> DeviceAsync(string device = Laptop) =>
        (await Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices))!.Items.Single(one => one.DeviceId == device);

    /// <summary>A call of the vendor's API to a device.</summary>
    public Task<JsonElement> DispatchAsync(TestDevice device, string call, params (string Name, string Value)[] fields) =>
        server.AsAdministratorAsync($"dispatcher/{call}", [("TargetID", device.Welcome.ConnectionId.ToString()), .. fields]);

    public Task<HttpResponseMessage> TryGiveAsync(GiveCommand command, string device = Laptop) =>
        Admin.PostAsJsonAsync($"/api/v2/devices/{device}/commands", command);

    public async Task<DeviceCommandInfo> GiveAsync(GiveCommand command, string device = Laptop)
    {
        using var answer = await TryGiveAsync(command, device);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<DeviceCommandInfo>())!;
    }

    public async Task<DeviceCommandInfo> FindCommandAsync(Guid id) =>
        (await Admin.GetFromJsonAsync<DeviceCommandInfo>($"/api/v2/commands/{id}"))!;

    public Task EndsAsync(Guid command, string state) =>
        Eventually.HoldsAsync(
            $"the command is {state}", TimeSpan.FromSeconds(30), async () => (await FindCommandAsync(command)).State == state);

    /// <summary>Moves the clock on until something has happened: what is due happens on other threads.</summary>
    public Task PassesAsync(TimeSpan step, string what, Func<bool> has) => Eventually.HoldsAsync(what, TimeSpan.FromSeconds(30), () =>
    {
        clock!.Advance(step);
        return Task.FromResult(has());
    });

    public bool IsConnected(string device = Laptop) => Devices.List(TenantScope.Everything).Any(one => one.Key.DeviceId == device);

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        if (ownsServer)
        {
            await server.DisposeAsync();
        }
    }
}
