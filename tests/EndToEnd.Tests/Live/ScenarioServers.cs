using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Halley.Protocol.Settings;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>
/// Two servers that know nothing of each other, each behind nginx. The first has the accounts, the second gives vaults to them. A HAProxy
/// and a SOCKS proxy are a second way to the first.
/// </summary>
internal sealed class ScenarioServers : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly int _socksPort = FreePort.Take();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(3) };
    private OwnedProcess? _socks;

    private ScenarioServers()
    {
    }

    public ServerProcess Accounts { get; private set; } = null!;

    public ServerProcess Storage { get; private set; } = null!;

    /// <summary>Addresses for devices, through nginx.</summary>
    public Uri AccountsAddress { get; private set; } = null!;

    public Uri StorageAddress { get; private set; } = null!;

    /// <summary>Address of the accounts for devices, through HAProxy.</summary>
    public Uri OtherWay { get; private set; } = null!;

    /// <summary>The file with the certificates of all proxies.</summary>
    public string Certificates => _directory["certificates.pem"];

    public string SocksProxy => $"socks5://127.0.0.1:{_socksPort}";

    public static async Task<ScenarioServers> StartAsync()
    {
        var both = new ScenarioServers();
        try
        {
            (both.Accounts, both.Storage) = (await both.AddServerAsync("accounts"), await both.AddServerAsync("storage"));
            var (first, second) = (await NginxProxy.StartAsync(both.Accounts.Address), await NginxProxy.StartAsync(both.Storage.Address));
            var third = await HaProxy.StartAsync(both.Accounts.Address);
            both._parts.AddRange([first, second, third]);
            string[] files = [first.CertificateFile, second.CertificateFile, third.CertificateFile];
            await File.WriteAllTextAsync(both.Certificates, string.Join('\n', files.Select(File.ReadAllText)));
            (both.AccountsAddress, both.StorageAddress, both.OtherWay) = (first.Address, second.Address, third.Address);
            await both.ConnectNetworkAsync();
            return both;
        }
        catch
        {
            await both.DisposeAsync();
            throw;
        }
    }

    public Task CutNetworkAsync() => _socks!.DisposeAsync().AsTask();

    public async Task ConnectNetworkAsync()
    {
        _socks = OwnedProcess.Start(
            Tools.Require("microsocks", "microsocks"),
            ["-i", "127.0.0.1", "-p", _socksPort.ToString(CultureInfo.InvariantCulture)]);
        await _socks.WaitUntilAsync("the proxy listens", TimeSpan.FromSeconds(20), () => PortProbe.ListensAsync(_socksPort));
    }

    /// <summary>The vendor's call by the administrator; a refusal fails the test.</summary>
    public async Task<JsonElement> CallAsync(string call, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent([
            new("Username", AdminClient.Username), new("AuthType", "Password"), new("Password", AdminClient.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);
        using var answer = await _http.PostAsync(new Uri(Accounts.Address, $"{Routes.CometApi}/admin/{call}"), form);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("Status", out var status) || status.GetInt32() == 200 ? json
            : throw new InvalidOperationException($"{call}: {json}");
    }

    public async Task<UserProfileConfig> ProfileAsync(string user) =>
        (await CallAsync("get-user-profile", ("TargetUser", user))).Deserialize<UserProfileConfig>(CometJson.Options)!;

    public async Task ChangeProfileAsync(string user, Action<UserProfileConfig> change)
    {
        var profile = await ProfileAsync(user);
        change(profile);
        await CallAsync(
            "set-user-profile", ("TargetUser", user), ("ProfileData", JsonSerializer.Serialize(profile, CometJson.Options)));
    }

    public async Task<List<BackupJobDetail>> JobsAsync(ScenarioMachine machine) =>
        [.. (await CallAsync("get-jobs-for-user", ("TargetUser", machine.User))).Deserialize<List<BackupJobDetail>>(CometJson.Options)!
            .Where(job => job.DeviceID == machine.DeviceId)];

    /// <summary>The id of the connection of a device; null while it has none.</summary>
    public async Task<string?> ConnectionOfAsync(ScenarioMachine machine)
    {
        var all = await CallAsync("dispatcher/list-active", ("UserNameFilter", machine.User));
        return all.EnumerateObject().Where(one => one.Value.GetProperty("DeviceID").GetString() == machine.DeviceId)
            .Select(one => one.Name).FirstOrDefault();
    }

    public Task OfferStorageAsync() => CallAsync(
        "meta/remote-storage-vault/set",
        ("RemoteStorageOptions", JsonSerializer.Serialize(new[]
        {
            new RemoteStorageOption
            {
                ID = "1",
                Type = "comet",
                Description = "Offsite",
                RemoteAddress = StorageAddress.ToString(),
                Username = AdminClient.Username,
                Password = AdminClient.Password,
            },
        })));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_socks is not null)
        {
            await _socks.DisposeAsync();
        }

        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _directory.Dispose();
    }

    // The certificates are there before its first connection to another server.
    private async Task<ServerProcess> AddServerAsync(string name)
    {
        var server = await ServerProcess.StartAsync(new ServerSettings
        {
            DataDirectory = _directory[name],
            Options = new Dictionary<string, string>
            {
                ["Halley:TrustedProxies:0"] = "127.0.0.1",
                ["Halley:VaultRequests:AllowLoopback"] = "true",
                ["SSL_CERT_FILE"] = Certificates,
            },
        });
        _parts.Add(server);
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        return server;
    }
}
