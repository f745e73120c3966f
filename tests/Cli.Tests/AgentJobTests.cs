using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Cli.Tests;

/// <summary>Jobs that the server or a schedule starts, on an agent that is a process.</summary>
public sealed class AgentJobTests(AccountTests.Server server) : IClassFixture<AccountTests.Server>, IDisposable
{
    private const string Files = "item-files";
    private const string Program = "item-program";
    private const string Vault = "vault-1";

    private readonly AgentMachine _machine = new(server);

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Backup_by_command_and_by_schedule_reaches_the_vault_and_the_server_lists_what_is_in_it()
    {
        await SetUpAsync();
        await using var agent = _machine.Halley.Start("agent");
        var connection = await _machine.ConnectedAsync(agent);

        var job = await StartAsync(Files);
        await EndsAsync(agent, job, JobStatus.Success);

        var listed = await _machine.CallAsync(
            "dispatcher/request-vault-snapshots", ("TargetID", $"{connection.Id}"), ("Destination", Vault));
        Assert.Equal(Files, Assert.Single(listed.GetProperty("Snapshots").EnumerateArray()).GetProperty("Source").GetString());
        var browsed = await _machine.CallAsync(
            "dispatcher/request-filesystem-objects", ("TargetID", $"{connection.Id}"), ("Path", _machine.Directory["source"]));
        Assert.Equal("a.txt", Assert.Single(browsed.GetProperty("StoredObjects").EnumerateArray()).GetProperty("name").GetString());

        await _machine.ChangeProfileAsync(profile => profile.BackupRules["rule-1"] = new BackupRuleConfig
        {
            Description = "soon",
            Source = Files,
            Destination = Vault,
            Schedules =
            [
                new ScheduleConfig
                {
                    FrequencyType = ScheduleFrequencies.Once,
                    SecondsPast = (ulong)TimeProvider.System.GetUtcNow().AddSeconds(4).ToUnixTimeSeconds(),
                },
            ],
        });
        await _machine.GiveAsync(CommandCatalog.RefetchProfile.Name);
        await agent.WaitUntilAsync(
            "the schedule has run", AgentMachine.Soon,
            async () => (await _machine.JobsAsync()).Any(one => one.BackupRuleGUID == "rule-1" && one.Status == JobStatus.Success));
    }

    [Fact]
    public async Task Job_that_runs_is_cancelled_by_the_server_ends_with_the_agent_and_has_failed_when_the_agent_is_killed()
    {
        await SetUpAsync();
        await using (var agent = _machine.Halley.Start("agent"))
        {
            await _machine.ConnectedAsync(agent);
            var cancelled = await StartAsync(Program);
            await EndsAsync(agent, cancelled, JobStatus.Running);
            var answer = await _machine.CallAsync("job/cancel", ("TargetUser", _machine.Username), ("JobID", $"{cancelled}"));
            Assert.Equal(200, answer.GetProperty("Status").GetInt32());
            await EndsAsync(agent, cancelled, JobStatus.Cancelled);

            var stopped = await StartAsync(Program);
            await EndsAsync(agent, stopped, JobStatus.Running);
            Assert.Equal(ExitCode.Success, await agent.StopAsync());
            Assert.Equal(JobStatus.Cancelled, await _machine.StatusAsync(stopped));
        }

        await using var killed = _machine.Halley.Start("agent");
        await _machine.ConnectedAsync(killed);
        var job = await StartAsync(Program);
        await EndsAsync(killed, job, JobStatus.Running);
        await killed.KillAsync();

        await using var after = _machine.Halley.Start("agent");
        await EndsAsync(after, job, JobStatus.Error);
        Assert.Equal(3, (await _machine.JobsAsync()).Count);
    }

    private async Task SetUpAsync()
    {
        await _machine.SignInAsync();
        File.WriteAllText(Path.Combine(_machine.Directory.CreateSubdirectory("source"), "a.txt"), "text");
        await _machine.ChangeProfileAsync(profile =>
        {
            profile.Destinations[Vault] = new DestinationConfig
            {
                Description = "local",
                DestinationType = DestinationTypes.LocalPath,
                LocalcopyPath = _machine.Directory["vault"],
                DefaultRetention = new RetentionPolicy { Mode = RetentionPolicy.KeepAll },
            };
            profile.Sources[Files] = ItemOf("engine1/file", ("INCLUDE-1", _machine.Directory["source"]));
            profile.Sources[Program] = ItemOf("engine1/stdout", ("COMMAND", "echo begun; sleep 600"), ("SAVEAS", "out.txt"));
        });
    }

    private SourceConfig ItemOf(string engine, params (string Name, string Value)[] properties) => new()
    {
        Engine = engine,
        Description = engine,
        OwnerDevice = _machine.DeviceId,
        EngineProps = properties.ToDictionary(property => property.Name, property => property.Value),
    };

    private Task<Guid> StartAsync(string item) => _machine.StartAsync(CommandCatalog.RunBackup, new RunBackupArguments(item, Vault));

    private Task EndsAsync(OwnedProcess agent, Guid job, JobStatus status) => agent.WaitUntilAsync(
        $"job {job} is {status}", AgentMachine.Soon, async () => await _machine.StatusAsync(job) == status);
}
