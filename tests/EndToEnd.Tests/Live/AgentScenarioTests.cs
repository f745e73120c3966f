using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Xunit.Abstractions;

namespace Halley.EndToEnd.Tests.Live;

/// <summary>
/// The life of three devices of two users on two servers. Everything that an administrator, a user or a power cut does happens to them
/// while their schedules run each minute; in the end nothing is lost. Takes many minutes, so only <c>tests/run.sh --slow</c> runs it.
/// </summary>
[Trait("Part", "Slow")]
public sealed class AgentScenarioTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Kills = 40;
    private const string Bob = "bob.scenario";
    private const string Carol = "carol.scenario";
    private const string Password = "a pass phrase of both";
    private const string NewPassword = "another pass phrase of bob";

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(6);

    private readonly Random _randomness = TestRun.Randomness(output);
    private readonly List<ScenarioMachine> _machines = [];
    private ScenarioServers _servers = null!;
    private ScenarioMachine _first = null!;
    private ScenarioMachine _second = null!;
    private ScenarioMachine _far = null!;

    public async Task InitializeAsync()
    {
        _servers = await ScenarioServers.StartAsync();
        _first = Add(new ScenarioMachine(Bob, Password, _servers.Certificates));
        _second = Add(new ScenarioMachine(Bob, Password, _servers.Certificates));
        _far = Add(new ScenarioMachine(Carol, Password, _servers.Certificates, _servers.SocksProxy));
    }

    public async Task DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            await machine.DisposeAsync();
        }

        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }

    [Fact]
    public async Task Three_agents_lose_nothing_whatever_happens_to_them_and_their_servers()
    {
        await SignInAsync();
        await StepAsync("schedules run each minute", () => BackedUpAsync(1, [.. _machines]));
        await StepAsync("a restore by the vendor's call", RestoreByCallAsync);
        await StepAsync("the bucket of a user moves while it backs up", MoveBucketAsync);
        await StepAsync("keys are changed", ChangeKeysAsync);
        await StepAsync("the password is changed", ChangePasswordAsync);
        await StepAsync("a user is suspended and let back", SuspendAsync);
        await StepAsync("a disk is copied", CloneAsync);
        await StepAsync("the network is cut", CutNetworkAsync);
        await StepAsync("everything is killed at random", KillAsync);
        await StepAsync("nothing is lost", AssertNothingIsLostAsync);
    }

    private ScenarioMachine Add(ScenarioMachine machine)
    {
        _machines.Add(machine);
        return machine;
    }

    private async Task StepAsync(string what, Func<Task> step)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            await step();
        }
        catch (Exception error)
        {
            var agents = string.Join("\n\n", _machines.Select(machine => $"{machine.User} {machine.DeviceId}\n{machine.Agent.Output}"));
            throw new InvalidOperationException($"While {what}: {error.Message}\n{agents}", error);
        }

        output.WriteLine($"{what}: {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s");
    }

    private async Task SignInAsync()
    {
        await _servers.OfferStorageAsync();
        foreach (var user in new[] { Bob, Carol })
        {
            await _servers.CallAsync("add-user", ("TargetUser", user), ("TargetPassword", Password));
        }

        foreach (var machine in _machines)
        {
            await machine.ChangeFilesAsync(_randomness, files: 30);
            await machine.SignInAsync(machine == _far ? _servers.OtherWay : _servers.AccountsAddress);
        }

        await _first.RunAsync("vault", "request", "Offsite", "--name", "off");
        await _far.RunAsync("vault", "request", "Offsite", "--name", "off");
        foreach (var machine in _machines)
        {
            await _servers.ChangeProfileAsync(machine.User, profile => AddSchedule(profile, machine));
            machine.StartAgent();
        }

        await OnlineAsync();
    }

    private static void AddSchedule(UserProfileConfig profile, ScenarioMachine machine)
    {
        profile.Sources[machine.ItemId] = new SourceConfig
        {
            Engine = "engine1/file",
            Description = "files",
            OwnerDevice = machine.DeviceId,
            EngineProps = new Dictionary<string, string> { ["INCLUDE-1"] = machine.Source },
        };
        profile.BackupRules[$"rule-{machine.DeviceId}"] = new BackupRuleConfig
        {
            Source = machine.ItemId,
            Destination = profile.Destinations.Keys.Single(),
            SkipAlreadyRunning = true,
            Schedules = [new ScheduleConfig { FrequencyType = ScheduleFrequencies.Periodic, SecondsPast = 60 }],
        };
    }

    private async Task RestoreByCallAsync()
    {
        var vault = (await _servers.ProfileAsync(Bob)).Destinations.Keys.Single();
        var connection = (await _servers.ConnectionOfAsync(_first))!;
        var found = await _servers.CallAsync("dispatcher/request-vault-snapshots", ("TargetID", connection), ("Destination", vault));
        Assert.NotEqual(0, found.GetProperty("Snapshots").GetArrayLength());
        var target = _first["restored"];

        var started = await _servers.CallAsync(
            "dispatcher/run-restore", ("TargetID", connection), ("Source", _first.ItemId), ("Destination", vault), ("Path", target));

        var id = started.GetProperty("JobID").GetString();
        await HappensAsync("the restore succeeds", Soon, async () => (await _servers.JobsAsync(_first)).Any(
            job => job.GUID == id && job.Status == JobStatus.Success));
        TreeComparison.AssertEqual(_first.Source, target + _first.Source);
    }

    private async Task MoveBucketAsync()
    {
        using var accounts = await AdminClient.SignInAsync(_servers.Accounts.Address);
        using var storage = await AdminClient.SignInAsync(_servers.Storage.Address);
        var bucket = (await _servers.ProfileAsync(Bob)).Destinations.Values.Single().CometBucket;
        var request = new StartTransfer(_servers.AccountsAddress.ToString(), Token: await accounts.AddTokenAsync("buckets"));

        var task = await storage.TransferAsync(bucket, request);

        await HappensAsync("the transfer ends", Later, async () => (await storage.FindTaskAsync(task.Id)).State == TaskState.Done);
        await BackedUpAsync(2, _first, _second);
        Assert.Equal($"{_servers.AccountsAddress}", (await _servers.ProfileAsync(Bob)).Destinations.Values.Single().CometServer);
    }

    private async Task ChangeKeysAsync()
    {
        await _first.RunAsync("vault", "rotate-key", "off");
        await _first.RunAsync("vault", "rotate-key", "off", "--encryption");
        await BackedUpAsync(2, _first, _second);
    }

    private async Task ChangePasswordAsync()
    {
        await File.WriteAllTextAsync(_first["new.txt"], NewPassword + "\n");
        await _first.RunAsync("password", "--new-password-file", _first["new.txt"]);
        _first.Password = NewPassword;
        _second.Password = NewPassword;
        await BackedUpAsync(1, _first);
        await _second.SignInAsync(_servers.AccountsAddress);
        await BackedUpAsync(1, _second);
    }

    private async Task SuspendAsync()
    {
        await _servers.ChangeProfileAsync(Carol, profile => profile.IsSuspended = true);
        await HappensAsync("the device is offline", Soon, async () => await _servers.ConnectionOfAsync(_far) is null);
        await HappensAsync(
            "the agent says why", Soon,
            () => Task.FromResult(_far.Agent.Output.Contains("The account is suspended.", StringComparison.Ordinal)));
        await _servers.ChangeProfileAsync(Carol, profile => profile.IsSuspended = false);
        await HappensAsync("it is back within a minute", Soon, async () => await _servers.ConnectionOfAsync(_far) is not null);
        await BackedUpAsync(1, _far);
    }

    private async Task CloneAsync()
    {
        using var office = await FleetOffice.AtAsync(_servers.Accounts.Address);
        await using (_first.StartClone())
        {
            await HappensAsync(
                "the clone is noticed", Soon, async () => await office.ConnectionOfAsync(_first.DeviceId) is { Cloned: true });
        }

        await _first.KillAgentAsync(); // as its user does who gives the other one an id of its own
        _first.StartAgent();
        await OnlineAsync();
    }

    private async Task CutNetworkAsync()
    {
        var before = (await _far.JobsAsync()).Count;
        await _servers.CutNetworkAsync();
        await HappensAsync("backups fail or wait without a network", Later, async () => (await _far.JobsAsync()).Count > before + 1);
        await _servers.ConnectNetworkAsync();
        await OnlineAsync();
        await BackedUpAsync(1, _far);
    }

    private async Task KillAsync()
    {
        (string Name, Func<Task> Kill, Func<Task> Start)[] parts =
        [
            ("accounts", _servers.Accounts.KillAsync, () => _servers.Accounts.StartAgainAsync()),
            ("storage", _servers.Storage.KillAsync, () => _servers.Storage.StartAgainAsync()),
            ("network", _servers.CutNetworkAsync, _servers.ConnectNetworkAsync),
            .. _machines.Select(machine => ("agent", (Func<Task>)machine.KillAgentAsync, (Func<Task>)(() =>
            {
                machine.StartAgent();
                return Task.CompletedTask;
            }))),
        ];
        for (var i = 0; i < TestRun.KillsOr(Kills); i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(_randomness.NextDouble() * 9)); // the random moment
            var (name, kill, start) = parts[_randomness.Next(parts.Length)];
            output.WriteLine($"kill {name}");
            await kill();
            await Task.Delay(TimeSpan.FromSeconds(_randomness.NextDouble() * 3));
            await start();
            await _machines[_randomness.Next(_machines.Count)].ChangeFilesAsync(_randomness);
        }
    }

    private async Task AssertNothingIsLostAsync()
    {
        await OnlineAsync();
        await BackedUpAsync(2, [.. _machines]); // the second began after the last change
        foreach (var machine in _machines)
        {
            await machine.Agent.StopAsync();
        }

        await _first.RunAsync("-r", "vault:off", "check", "--read-data");
        await _far.RunAsync("-r", "vault:off", "check", "--read-data");
        foreach (var machine in _machines)
        {
            await machine.AssertRestoresAsync();
            machine.StartAgent(); // for what it could not report while it was stopped
        }

        await OnlineAsync();
        foreach (var machine in _machines)
        {
            Dictionary<string, JobStatus> there = [], here = [];
            await HappensAsync("the server has each job as the device has it", Soon, async () =>
            {
                there = (await _servers.JobsAsync(machine)).ToDictionary(job => job.GUID, job => job.Status);
                here = await machine.JobsAsync();
                return here.All(job => there.TryGetValue(job.Key, out var status) && (status == job.Value || job.Value.IsRunning()));
            });
            Assert.Empty(there.Keys.Except(here.Keys));
        }
    }

    private Task OnlineAsync() => HappensAsync("all devices are connected", Later, async () =>
    {
        foreach (var machine in _machines)
        {
            if (await _servers.ConnectionOfAsync(machine) is null)
            {
                return false;
            }
        }

        return true;
    });

    // So many further backups of each succeed.
    private async Task BackedUpAsync(int count, params ScenarioMachine[] machines)
    {
        var before = new Dictionary<ScenarioMachine, int>();
        foreach (var machine in machines)
        {
            before[machine] = await SuccessesAsync(machine);
            await machine.ChangeFilesAsync(_randomness);
        }

        foreach (var machine in machines)
        {
            await HappensAsync(
                $"{count} further backups of {machine.User} succeed", Later,
                async () => await SuccessesAsync(machine) >= before[machine] + count);
        }
    }

    private async Task<int> SuccessesAsync(ScenarioMachine machine) => (await _servers.JobsAsync(machine))
        .Count(job => job.Classification == JobClassification.Backup && job.Status == JobStatus.Success);

    // A server or the network may just be away.
    private static Task HappensAsync(string what, TimeSpan limit, Func<Task<bool>> condition) =>
        Eventually.HoldsAsync(what, limit, async () =>
        {
            try
            {
                return await condition();
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
}
