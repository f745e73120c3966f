using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Keys;
using Halley.Protocol.Live;

namespace Halley.Cli.Tests;

/// <summary>The agent as a process, on a real server.</summary>
public sealed class AgentTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private const string Password = "a pass phrase of bob";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly HalleyProgram _halley = new("", "password of a vault");
    private readonly string _user = $"user-{Guid.NewGuid():N}";

    private StateDirectory State => new(_directory["state"]);

    public void Dispose()
    {
        _halley.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Agent_is_seen_carries_out_commands_of_both_APIs_comes_back_when_dropped_and_ends_when_asked()
    {
        await SignInAsync();
        await using var agent = _halley.Start("agent", "--hide-file-names");
        var connection = await ConnectedAsync(agent);
        Assert.Equal((HalleyCommand.Version, false), (connection.ClientVersion, connection.AllowsFilenames));

        Assert.Equal(CommandStates.Done, (await GiveAsync(CommandCatalog.RefetchProfile.Name)).State);
        var refetched = await CallAsync("dispatcher/refetch-profile", ("TargetID", $"{connection.Id}"));
        Assert.Equal(200, refetched.GetProperty("Status").GetInt32());
        Assert.Equal("not_supported", (await GiveAsync(CommandCatalog.UpdateSoftware.Name)).Code);
        var second = await _halley.TryAsync("agent");
        Assert.Equal(ExitCode.Failure, second.ExitCode);
        Assert.Contains("Another agent works with", second.StandardError, StringComparison.Ordinal);

        await server.Admin.DeleteAsync(PathOf("connection"));
        await agent.WaitUntilAsync("it is back", Soon, async () => await FindAsync() is { } found && found.Id != connection.Id);
        await EndSessionsAsync();
        await agent.WaitUntilAsync(
            "it has signed in again", Soon,
            async () => await FindAsync() is { Reconnecting: false } && (await SessionsAsync()).Count == 1);

        Assert.Equal(ExitCode.Success, await agent.StopAsync());
        await Eventually.HoldsAsync("the server sees that it has gone", Soon, async () => await FindAsync() is not { Reconnecting: false });
    }

    [Fact]
    public async Task Jobs_of_a_time_without_a_connection_arrive_with_their_logs_and_one_that_was_killed_has_failed()
    {
        await SignInAsync();
        var history = JobHistory.Open(State, "1.0", TimeProvider.System);
        var jobs = Enumerable.Range(1, 3).Select(_ => history.Start(new BackupJobDetail { Classification = JobClassification.Backup }))
            .ToList();
        foreach (var job in jobs)
        {
            job.Log(JobSeverity.Info, "begun");
            job.Log(JobSeverity.Warning, "a file “ä” could not be read");
        }

        jobs[0].Complete(JobStatus.Success);
        jobs[1].Complete(JobStatus.Warning); // and the third still runs when the power fails

        for (var start = 1; start <= 2; start++)
        {
            await using var agent = _halley.Start("agent");
            await agent.WaitUntilAsync("the last job has arrived", Soon, async () => (await StatusAsync(jobs[2].Id)) == JobStatus.Error);
            await agent.KillAsync();
        }

        Assert.Equal(
            [JobStatus.Success, JobStatus.Warning, JobStatus.Error],
            [await StatusAsync(jobs[0].Id), await StatusAsync(jobs[1].Id), await StatusAsync(jobs[2].Id)]);
        foreach (var job in jobs)
        {
            var entries = (await CallAsync("get-job-log-entries", ("JobID", $"{job.Id}"))).EnumerateArray()
                .Select(entry => (entry.GetProperty("Severity").GetString(), entry.GetProperty("Message").GetString()));
            var lines = (await _halley.RunAsync("log", $"{job.Id}", "--json")).StandardOutput.TrimEnd().Split('\n')
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Select(line => (line.GetProperty("severity").GetString(), line.GetProperty("message").GetString()));
            Assert.Equal(lines, entries);
            Assert.Equal(job.Id == jobs[2].Id ? 3 : 2, entries.Count());
        }

        var listed = JsonDocument.Parse((await _halley.RunAsync("jobs", "--json")).StandardOutput).RootElement.EnumerateArray()
            .Select(job => job.GetProperty("id").GetString());
        Assert.Equal(jobs.Select(job => $"{job.Id}").Reverse(), listed);
        Assert.Contains("interrupted", (await _halley.RunAsync("log", "latest")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("warning", (await _halley.RunAsync("jobs")).StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HALLEY_PROXY", "socks5")]
    [InlineData("HTTP_PROXY", "http")]
    public async Task Agent_behind_a_proxy_is_connected_through_it(string variable, string kind)
    {
        var port = FreePort.Take();
        await using var proxy = kind == "http" ? StartHttpProxy(port) : StartSocksProxy(port);
        await proxy.WaitUntilAsync("the proxy listens", Soon, () => PortProbe.ListensAsync(port));
        _halley.Variables[variable] = $"{kind}://127.0.0.1:{port}";
        await SignInAsync();
        await using var agent = _halley.Start("agent");
        await ConnectedAsync(agent);

        await proxy.StopAsync(); // it really went through it

        await agent.WaitUntilAsync("the agent says why", Soon, () => Task.FromResult(agent.Output.Contains(
            $"through the proxy {kind}://127.0.0.1:{port}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Host_that_needs_no_proxy_is_reached_directly()
    {
        _halley.Variables["HTTP_PROXY"] = "http://127.0.0.1:9";
        _halley.Variables["NO_PROXY"] = "127.0.0.1";

        await SignInAsync();
    }

    [Fact]
    public async Task Machine_that_is_not_signed_in_is_told_how()
    {
        _halley.Variables["HALLEY_STATE_DIR"] = State.Location;

        var run = await _halley.TryAsync("agent");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("halley login URL USER", run.StandardError, StringComparison.Ordinal);
    }

    private OwnedProcess StartHttpProxy(int port)
    {
        var file = _directory.File(
            "tinyproxy.conf", $"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 600\nLogLevel Warning\n");
        return OwnedProcess.Start(Tools.Require("tinyproxy", "tinyproxy-bin"), ["-d", "-c", file]);
    }

    private static OwnedProcess StartSocksProxy(int port) => OwnedProcess.Start(
        Tools.Require("microsocks", "microsocks"), ["-i", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]);

    private async Task SignInAsync()
    {
        _halley.Variables["HALLEY_STATE_DIR"] = State.Location;
        _halley.Variables["HALLEY_ACCOUNT_PASSWORD"] = Password;
        Assert.True(AccountKeys.TryDeriveLKey(AccountKeys.CurrentKdf, _user, Password, out var lKey, out _));
        using var made = await server.Admin.PostAsJsonAsync(Routes.Accounts, new CreateAccount(_user, LKey: lKey));
        made.EnsureSuccessStatusCode();
        await _halley.RunAsync("login", server.Address, _user);
    }

    private async Task<LiveConnectionInfo> ConnectedAsync(OwnedProcess agent)
    {
        await agent.WaitUntilAsync("it is connected", Soon, async () => await FindAsync() is { Reconnecting: false });
        return (await FindAsync())!;
    }

    private async Task<LiveConnectionInfo?> FindAsync() => (await server.Admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.Devices))!.Items
        .Single(device => device.Username == _user).Connection;

    private async Task<DeviceCommandInfo> GiveAsync(string kind)
    {
        using var answer = await server.Admin.PostAsJsonAsync(PathOf("commands"), new GiveCommand(kind, WaitSeconds: 30));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<DeviceCommandInfo>())!;
    }

    private async Task<JobStatus?> StatusAsync(Guid job)
    {
        var answer = await CallAsync("get-job-properties", ("JobID", $"{job}"));
        return answer.TryGetProperty("GUID", out _) ? (JobStatus)answer.GetProperty("Status").GetInt64() : null;
    }

    private async Task<IReadOnlyList<SessionInfo>> SessionsAsync() =>
        (await server.Admin.GetFromJsonAsync<Page<SessionInfo>>($"{Routes.ToAccount(_user)}/sessions"))!.Items;

    private async Task EndSessionsAsync()
    {
        foreach (var session in await SessionsAsync())
        {
            using var ended = await server.Admin.DeleteAsync(new Uri($"{Routes.ToAccount(_user)}/sessions/{session.Id}", UriKind.Relative));
            ended.EnsureSuccessStatusCode();
        }
    }

    private Task<JsonElement> CallAsync(string call, params (string Name, string Value)[] fields) => server.Host.CallCometAsync(
        $"admin/{call}",
        [
            new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);

    private Uri PathOf(string part) => new($"/api/v2/devices/{State.RequireAccount().DeviceId}/{part}", UriKind.Relative);
}
