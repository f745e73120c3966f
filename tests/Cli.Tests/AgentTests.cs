using System.Globalization;
using System.Text.Json;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Cli.Tests;

/// <summary>The agent as a process, on a real server.</summary>
public sealed class AgentTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private static readonly TimeSpan Soon = AgentMachine.Soon;

    private readonly AgentMachine _machine = new(server);

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Agent_is_seen_carries_out_commands_of_both_APIs_comes_back_when_dropped_and_ends_when_asked()
    {
        await _machine.SignInAsync();
        await using var agent = _machine.Halley.Start("agent", "--hide-file-names");
        var connection = await _machine.ConnectedAsync(agent);
        Assert.Equal((HalleyCommand.Version, false), (connection.ClientVersion, connection.AllowsFilenames));

        Assert.Equal(CommandStates.Done, (await _machine.GiveAsync(CommandCatalog.RefetchProfile.Name)).State);
        var refetched = await _machine.CallAsync("dispatcher/refetch-profile", ("TargetID", $"{connection.Id}"));
        Assert.Equal(200, refetched.GetProperty("Status").GetInt32());
        Assert.Equal("update_refused", (await _machine.GiveAsync(CommandCatalog.UpdateSoftware.Name)).Code); // it was built without a key
        var forced = await _machine.GiveAsync(CommandCatalog.ForceLogin.Name);
        Assert.Equal("not_supported", forced.Code);
        Assert.Contains("a service without a window", forced.Message, StringComparison.Ordinal);
        var second = await _machine.Halley.TryAsync("agent");
        Assert.Equal(ExitCode.Failure, second.ExitCode);
        Assert.Contains("Another agent works with", second.StandardError, StringComparison.Ordinal);

        await _machine.DropAsync();
        await agent.WaitUntilAsync("it is back", Soon, async () => await _machine.FindAsync() is { } found && found.Id != connection.Id);
        await _machine.EndSessionsAsync();
        await agent.WaitUntilAsync(
            "it has signed in again", Soon,
            async () => await _machine.FindAsync() is { Reconnecting: false } && (await _machine.SessionsAsync()).Count == 1);

        Assert.Equal(ExitCode.Success, await agent.StopAsync());
        await Eventually.HoldsAsync(
            "the server sees that it has gone", Soon, async () => await _machine.FindAsync() is not { Reconnecting: false });
    }

    [Fact]
    public async Task Jobs_of_a_time_without_a_connection_arrive_with_their_logs_and_one_that_was_killed_has_failed()
    {
        await _machine.SignInAsync();
        var history = JobHistory.Open(_machine.State, "1.0", TimeProvider.System);
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
            await using var agent = _machine.Halley.Start("agent");
            await agent.WaitUntilAsync(
                "the last job has arrived", Soon, async () => await _machine.StatusAsync(jobs[2].Id) == JobStatus.Error);
            await agent.KillAsync();
        }

        Assert.Equal(
            [JobStatus.Success, JobStatus.Warning, JobStatus.Error],
            [await _machine.StatusAsync(jobs[0].Id), await _machine.StatusAsync(jobs[1].Id), await _machine.StatusAsync(jobs[2].Id)]);
        foreach (var job in jobs)
        {
            var entries = (await _machine.CallAsync("get-job-log-entries", ("JobID", $"{job.Id}"))).EnumerateArray()
                .Select(entry => (entry.GetProperty("Severity").GetString(), entry.GetProperty("Message").GetString()));
            var lines = (await _machine.Halley.RunAsync("log", $"{job.Id}", "--json")).StandardOutput.TrimEnd().Split('\n')
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Select(line => (line.GetProperty("severity").GetString(), line.GetProperty("message").GetString()));
            Assert.Equal(lines, entries);
            Assert.Equal(job.Id == jobs[2].Id ? 3 : 2, entries.Count());
        }

        var listed = JsonDocument.Parse((await _machine.Halley.RunAsync("jobs", "--json")).StandardOutput).RootElement.EnumerateArray()
            .Select(job => job.GetProperty("id").GetString());
        Assert.Equal(jobs.Select(job => $"{job.Id}").Reverse(), listed);
        Assert.Contains("interrupted", (await _machine.Halley.RunAsync("log", "latest")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("warning", (await _machine.Halley.RunAsync("jobs")).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_that_was_changed_elsewhere_is_given_to_the_device_by_the_server()
    {
        await _machine.SignInAsync();
        var before = _machine.State.RequireAccount();
        await using var agent = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(agent);

        var wrong = await _machine.GiveAsync(CommandCatalog.UpdateLoginPassword.Request(new LoginPasswordArguments("another one")));
        var right = await _machine.GiveAsync(CommandCatalog.UpdateLoginPassword.Request(new(AgentMachine.Password)));

        Assert.Equal((CommandStates.Failed, CommandStates.Done), (wrong.State, right.State));
        Assert.NotEqual(before.SessionKey, _machine.State.RequireAccount().SessionKey);
        Assert.Equal(before.DeviceId, _machine.DeviceId);
    }

    [Fact]
    public async Task Device_of_a_suspended_account_says_so_and_works_as_soon_as_it_is_let_back()
    {
        await _machine.SignInAsync();
        await using var agent = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(agent);

        await _machine.ChangeProfileAsync(profile => profile.IsSuspended = true);
        await agent.WaitUntilAsync(
            "it says why", Soon,
            () => Task.FromResult(agent.Output.Contains("The account is suspended.", StringComparison.Ordinal)));
        Assert.Contains("suspended", (await _machine.Halley.TryAsync("status")).StandardError, StringComparison.Ordinal);
        await _machine.ChangeProfileAsync(profile => profile.IsSuspended = false);

        await _machine.Halley.RunAsync("status"); // no pause as after a wrong password
    }

    [Fact]
    public async Task Address_of_the_server_changes_only_when_the_new_one_accepts_the_device()
    {
        await _machine.SignInAsync();
        var before = _machine.State.RequireAccount().Server;
        var other = new UriBuilder(before) { Host = "localhost" }.Uri;
        await using (var agent = _machine.Halley.Start("agent"))
        {
            await _machine.ConnectedAsync(agent);

            var nobody = await _machine.GiveAsync(
                CommandCatalog.UpdateLoginAddress.Request(new($"http://127.0.0.1:{FreePort.Take()}/", Force: true)));
            Assert.Equal((CommandStates.Failed, "sign_in_failed"), (nobody.State, nobody.Code));
            Assert.Contains($"stays with {before}", nobody.Message, StringComparison.Ordinal);
            Assert.Equal(before, _machine.State.RequireAccount().Server);
            Assert.Equal(
                "invalid_arguments", (await _machine.GiveAsync(CommandCatalog.UpdateLoginAddress.Request(new("ftp://example.com")))).Code);

            var moved = await _machine.GiveAsync(CommandCatalog.UpdateLoginAddress.Request(new(other.ToString().TrimEnd('/'))));
            Assert.True(moved.State == CommandStates.Done, moved.Message);
            Assert.Equal(ExitCode.Success, await agent.WaitForExitAsync(Soon));
            Assert.Contains($"so that its service starts it for {other}", agent.Output, StringComparison.Ordinal);
        }

        Assert.Equal(other, _machine.State.RequireAccount().Server);
        await using var again = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(again);
        Assert.Equal("not_supported", (await _machine.GiveAsync(CommandCatalog.UninstallSoftware.Request(new(false)))).Code);
    }

    [Theory]
    [InlineData("HALLEY_PROXY", "socks5")]
    [InlineData("HTTP_PROXY", "http")]
    public async Task Agent_behind_a_proxy_is_connected_through_it(string variable, string kind)
    {
        var port = FreePort.Take();
        await using var proxy = kind == "http" ? StartHttpProxy(port) : StartSocksProxy(port);
        await proxy.WaitUntilAsync("the proxy listens", Soon, () => PortProbe.ListensAsync(port));
        _machine.Halley.Variables[variable] = $"{kind}://127.0.0.1:{port}";
        await _machine.SignInAsync();
        await using var agent = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(agent);

        await proxy.StopAsync(); // it really went through it

        await agent.WaitUntilAsync("the agent says why", Soon, () => Task.FromResult(agent.Output.Contains(
            $"through the proxy {kind}://127.0.0.1:{port}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Host_that_needs_no_proxy_is_reached_directly()
    {
        _machine.Halley.Variables["HTTP_PROXY"] = "http://127.0.0.1:9";
        _machine.Halley.Variables["NO_PROXY"] = "127.0.0.1";

        await _machine.SignInAsync();
    }

    [Fact]
    public async Task Machine_that_is_not_signed_in_is_told_how()
    {
        _machine.Halley.Variables["HALLEY_STATE_DIR"] = _machine.State.Location;

        var run = await _machine.Halley.TryAsync("agent");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("halley login URL USER", run.StandardError, StringComparison.Ordinal);
    }

    private OwnedProcess StartHttpProxy(int port)
    {
        var file = _machine.Directory.File(
            "tinyproxy.conf", $"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 600\nLogLevel Warning\n");
        return OwnedProcess.Start(Tools.Require("tinyproxy", "tinyproxy-bin"), ["-d", "-c", file]);
    }

    private static OwnedProcess StartSocksProxy(int port) => OwnedProcess.Start(
        Tools.Require("microsocks", "microsocks"), ["-i", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]);
}
