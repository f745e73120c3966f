using System.Net.Http.Json;
using System.Text.Json;
using Halley.Client.Accounts;
using Halley.Protocol;
using Halley.Protocol.Comet;
using Halley.Protocol.Jobs;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Tests;

/// <summary>A machine that signs in to a server as a device of an account of its own, and what an administrator does with it.</summary>
internal sealed class AgentMachine(AccountTests.Server server) : IDisposable
{
    public const string Password = "a pass phrase of bob";
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly string _user = $"user-{Guid.NewGuid():N}";

    public TemporaryDirectory Directory { get; } = new();

    public HalleyProgram Halley { get; } = new("", "password of a vault");

    public StateDirectory State => new(Directory["state"]);

    public string DeviceId => State.RequireAccount().DeviceId;

    public string Username => _user;

    public void Dispose()
    {
        Halley.Dispose();
        Directory.Dispose();
    }

    /// <summary>Changes the profile of the account.</summary>
    public async Task ChangeProfileAsync(Action<UserProfileConfig> change)
    {
        var path = $"{Routes.ToAccount(_user)}/profile";
        using var answer = await server.Admin.GetAsync(new Uri(path, UriKind.Relative));
        var profile = (await answer.Content.ReadFromJsonAsync<UserProfileConfig>(CometJson.Options))!;
        change(profile);
        using var save = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Content = JsonContent.Create(profile, options: CometJson.Options),
            Headers = { IfMatch = { answer.Headers.ETag! } },
        };
        using var saved = await server.Admin.SendAsync(save);
        saved.EnsureSuccessStatusCode();
    }

    public async Task SignInAsync()
    {
        Halley.Variables["HALLEY_STATE_DIR"] = State.Location;
        Halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = Password;
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var made = await server.Admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: lKey));
        made.EnsureSuccessStatusCode();
        await Halley.RunAsync("login", server.Address, _user);
    }

    public async Task<LiveConnectionInfo> ConnectedAsync(OwnedProcess agent)
    {
        await agent.WaitUntilAsync("it is connected", Soon, async () => await FindAsync() is { Reconnecting: false });
        return (await FindAsync())!;
    }

    public async Task<LiveConnectionInfo?> FindAsync() => (await server.Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices))!.Items
        .Single(device => device.Username == _user).Connection;

    /// <summary>Gives a command without arguments, and waits for its end.</summary>
    public Task<DeviceCommandInfo> GiveAsync(string kind) => GiveAsync(new GiveCommand(kind));

    /// <summary>Gives a command, and waits for its end.</summary>
    public async Task<DeviceCommandInfo> GiveAsync(GiveCommand command)
    {
        using var answer = await server.Admin.PostAsJsonAsync(PathOf("commands"), command with { WaitSeconds = 30 });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<DeviceCommandInfo>())!;
    }

    /// <summary>Gives a command that starts a job, and returns the job.</summary>
    public async Task<Guid> StartAsync<TArguments>(CommandKind<TArguments, StartedJob> kind, TArguments arguments)
        where TArguments : class
    {
        var given = await GiveAsync(kind.Request(arguments));
        Assert.True(given.State == CommandStates.Done, $"{given.Code} {given.Message}");
        return Guid.Parse(kind.ReadAnswer(given.Answer!.Value.GetRawText()).Job);
    }

    /// <summary>Gives a command that starts a job, and waits for its success.</summary>
    public async Task RunAsync<TArguments>(OwnedProcess agent, CommandKind<TArguments, StartedJob> kind, TArguments arguments)
        where TArguments : class
    {
        var job = await StartAsync(kind, arguments);
        await agent.WaitUntilAsync($"job {job} has ended", Soon, async () => await StatusAsync(job) is { } status && !status.IsRunning());
        Assert.True(await StatusAsync(job) == JobStatus.Success, await LogAsync(job));
    }

    /// <summary>The log of a job, as the server has it.</summary>
    public async Task<string> LogAsync(Guid job) => string.Join(
        '\n',
        (await CallAsync("get-job-log-entries", ("JobID", $"{job}"))).EnumerateArray()
            .Select(entry => $"{entry.GetProperty("Severity").GetString()} {entry.GetProperty("Message").GetString()}"));

    public async Task<JobStatus?> StatusAsync(Guid job)
    {
        var answer = await CallAsync("get-job-properties", ("JobID", $"{job}"));
        return answer.TryGetProperty("GUID", out _) ? (JobStatus)answer.GetProperty("Status").GetInt64() : null;
    }

    /// <summary>All jobs of the account, as the server has them.</summary>
    public async Task<List<BackupJobDetail>> JobsAsync() =>
        (await CallAsync("get-jobs-for-user", ("TargetUser", _user))).Deserialize<List<BackupJobDetail>>(CometJson.Options)!;

    public async Task<IReadOnlyList<SessionInfo>> SessionsAsync() =>
        (await server.Admin.GetFromJsonAsync<Page<SessionInfo>>($"{Routes.ToAccount(_user)}/sessions"))!.Items;

    public async Task EndSessionsAsync()
    {
        foreach (var session in await SessionsAsync())
        {
            using var ended = await server.Admin.DeleteAsync(new Uri($"{Routes.ToAccount(_user)}/sessions/{session.Id}", UriKind.Relative));
            ended.EnsureSuccessStatusCode();
        }
    }

    public Task<JsonElement> CallAsync(string call, params (string Name, string Value)[] fields) => server.Host.CallCometAsync(
        $"admin/{call}",
        [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);

    public Task DropAsync() => server.Admin.DeleteAsync(PathOf("connection"));

    private Uri PathOf(string part) => new($"/api/v2/devices/{DeviceId}/{part}", UriKind.Relative);
}
