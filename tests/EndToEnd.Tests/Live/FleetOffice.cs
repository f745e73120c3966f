using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Protocol;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>An administrator with an account whose devices he watches and commands.</summary>
internal sealed class FleetOffice : IDisposable
{
    public const string User = "fleet@example.com";
    private const string Password = "a long pass phrase of the fleet";
    private readonly HttpClient _http;
    private readonly string _user;

    private FleetOffice(Uri server, string user) => (_http, _user) = (new HttpClient { BaseAddress = server }, user);

    /// <summary>Adds the account of the devices.</summary>
    public static async Task<FleetOffice> OpenAsync(Uri server, string user = User)
    {
        var office = new FleetOffice(server, user);
        await office.SignInAsync();
        using var added = await office._http.PostAsJsonAsync(Routes.Accounts, new CreateAccount(user, Password));
        added.EnsureSuccessStatusCode();
        return office;
    }

    /// <summary>At another instance, where the account is there already.</summary>
    public static async Task<FleetOffice> AtAsync(Uri instance)
    {
        var office = new FleetOffice(instance, User);
        await office.SignInAsync();
        return office;
    }

    /// <summary>After a restart of the server the session is still good; on another instance, too.</summary>
    public async Task SignInAsync() => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
        "Bearer", await StartSessionAsync(new StartSession(AdminClient.Username, AdminClient.Password)));

    /// <summary>Signs a device in by its L-key and returns the key of its session.</summary>
    public Task<string> SignInDeviceAsync(string device) => StartSessionAsync(new StartSession(
        _user, LKey: AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _) ? lKey : null,
        Device: new RegisterDevice(device, device, new OSInfo(), "1.0", "UTC")));

    /// <summary>Signs a device in by the token that it got in the lobby.</summary>
    public async Task RedeemAsync(LobbySignIn order, string device)
    {
        using var answer = await _http.PostAsJsonAsync(
            Routes.InstallTokenSessions,
            new RedeemInstallToken(order.Username, order.Token, new RegisterDevice(device, device, new OSInfo(), "1.0", "UTC")));
        answer.EnsureSuccessStatusCode();
    }

    public async Task<LiveConnectionInfo?> ConnectionOfAsync(string device) =>
        (await _http.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices))!.Items
            .SingleOrDefault(one => one.DeviceId == device)?.Connection;

    public async Task<DeviceCommandInfo> GiveAsync(string device, string kind, object? arguments = null, bool waitForDevice = false)
    {
        var request = new GiveCommand(
            kind, arguments is null ? null : JsonSerializer.SerializeToElement(arguments), WaitForDevice: waitForDevice, WaitSeconds: 30);
        using var answer =
            await _http.PostAsJsonAsync(Routes.DeviceCommands.Replace("{deviceId}", device, StringComparison.Ordinal), request);
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<DeviceCommandInfo>())!
            : throw new HttpRequestException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    public async Task<DeviceCommandInfo> FindAsync(Guid command) =>
        (await _http.GetFromJsonAsync<DeviceCommandInfo>($"/api/v2/commands/{command}"))!;

    /// <summary>The vendor's call by the administrator.</summary>
    public async Task<JsonElement> CallAsync(string call, params (string Name, string Value)[] fields)
    {
        using var answer = await _http.PostAsync(new Uri($"{Routes.CometApi}/admin/{call}", UriKind.Relative), new FormUrlEncodedContent([
            new("Username", AdminClient.Username), new("AuthType", "Password"), new("Password", AdminClient.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> StartSessionAsync(StartSession request)
    {
        using var answer = await _http.PostAsJsonAsync(Routes.Sessions, request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }
}
