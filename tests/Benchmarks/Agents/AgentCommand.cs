using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Halley.Benchmarks.Accounts;
using Halley.Benchmarks.Client;
using Halley.Benchmarks.Peers;
using Halley.Protocol;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Benchmarks.Agents;

/// <summary><c>agent</c>: what an agent costs at rest, and one server with many of them, each a process of its own.</summary>
internal static class AgentCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private static readonly Option<string?> HalleyPath = new("--halley")
    {
        Description = "The halley to measure (default: a native program made for this run, or the .NET build if that fails).",
    };

    private static readonly Option<int> Agents = new("--agents") { Description = "Agents.", DefaultValueFactory = _ => 200 };
    private static readonly Option<int> Files = new("--files") { Description = "Files of each.", DefaultValueFactory = _ => 50 };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "Seconds at rest.", DefaultValueFactory = _ => 60 };

    public static Command Create()
    {
        var command = new Command("agent", "Connects agents to a server, lets all of them back up, and measures them at rest.")
        {
            HalleyPath, Agents, Files, Seconds,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        var halley = arguments.GetValue(HalleyPath) is { } path
            ? new HalleyBuild(path, [], path)
            : await HalleyBuild.MakeAsync(directory.Combine("halley"));
        await using var server = await ServerProcess.StartAsync();
        using var owner = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        using var admin = new HttpClient { BaseAddress = server.Address, Timeout = Longest };
        var key = await StartSessionAsync(admin);
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var calls = new CometClient(server.Address, key);
        var fleet = Enumerable.Range(1, arguments.GetRequiredValue(Agents))
            .Select(number => new FleetAgent(number, directory, halley)).ToList();
        try
        {
            await Parallel.ForEachAsync(
                fleet, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken },
                async (agent, _) => await agent.SetUpAsync(admin, arguments.GetRequiredValue(Files)));
            await MeasureAsync(fleet, server, admin, calls, arguments.GetRequiredValue(Seconds), cancellationToken);
        }
        finally
        {
            foreach (var agent in fleet)
            {
                await agent.DisposeAsync();
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(
        List<FleetAgent> fleet, ServerProcess server, HttpClient admin, CometClient calls, int seconds, CancellationToken cancellationToken)
    {
        Console.WriteLine($"| {fleet.Count} agents, one server | figure |\n|---|---:|");
        var clock = Stopwatch.StartNew();
        fleet.ForEach(agent => agent.Start());
        await Eventually.HoldsAsync("all agents are connected", Longest, async () => await ConnectedAsync(admin) == fleet.Count);
        Show("connected after", Text(clock.Elapsed.TotalSeconds, "s"));
        await BackUpAsync("first backup of all", 1, fleet, server, admin, calls);
        await BackUpAsync("second backup of all, nothing changed", 2, fleet, server, admin, calls);

        await Task.Delay(TimeSpan.FromSeconds(15), cancellationToken);
        var (agents, serverBefore) = (CpuOf(fleet), ProcessCost.Of(server.Id).Cpu);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        Show("an agent at rest: processor", Text((CpuOf(fleet) - agents).TotalSeconds * 100 / seconds / fleet.Count, "% of a core"));
        Show("an agent at rest after its backups: resident memory, mean and most", string.Join(
            " · ",
            Text(fleet.Average(agent => ProcessMemory.BytesOf(agent.ProcessId)) / 1e6, "MB"),
            Text(fleet.Max(agent => ProcessMemory.BytesOf(agent.ProcessId)) / 1e6, "MB")));
        var serverCpu = ProcessCost.Of(server.Id).Cpu - serverBefore;
        Show("the server meanwhile: processor", Text(serverCpu.TotalSeconds * 100 / seconds, "% of a core"));
    }

    private static async Task BackUpAsync(
        string what, int round, List<FleetAgent> fleet, ServerProcess server, HttpClient admin, CometClient calls)
    {
        var (agents, before, clock) = (CpuOf(fleet), ProcessCost.Of(server.Id).Cpu, Stopwatch.StartNew());
        await Task.WhenAll(fleet.Select(agent => agent.BackUpAsync(admin)));
        await Eventually.HoldsAsync(
            what, Longest, async () => await SuccessfulAsync(calls) == round * fleet.Count);
        Show($"{what}: time", Text(clock.Elapsed.TotalSeconds, "s"));
        Show($"{what}: processor of an agent · of the server for each", string.Join(
            " · ",
            Text((CpuOf(fleet) - agents).TotalMilliseconds / fleet.Count, "ms"),
            Text((ProcessCost.Of(server.Id).Cpu - before).TotalMilliseconds / fleet.Count, "ms")));
    }

    private static TimeSpan CpuOf(List<FleetAgent> fleet) =>
        TimeSpan.FromSeconds(fleet.Sum(agent => ProcessCost.Of(agent.ProcessId).Cpu.TotalSeconds));

    private static async Task<int> ConnectedAsync(HttpClient admin)
    {
        var connected = 0;
        for (string? after = null; ;)
        {
            var page = (await admin.GetFromJsonAsync<Page<DeviceStatus>>(Routes.ToPage(Routes.Devices, after)))!;
            connected += page.Items.Count(device => device.Connection is not null);
            if ((after = page.Next) is null)
            {
                return connected;
            }
        }
    }

    // Backups that have ended in any other way stop the wait at its limit.
    private static async Task<int> SuccessfulAsync(CometClient calls) =>
        (await calls.CallAsync("admin/get-jobs-for-date-range", ("Start", "0"), ("End", "4000000000"))).EnumerateArray().Count(job =>
            job.GetProperty("Classification").GetInt32() == (int)JobClassification.Backup
            && job.GetProperty("Status").GetInt32() == (int)JobStatus.Success);

    private static async Task<string> StartSessionAsync(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(AdminClient.Username, AdminClient.Password));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }

    private static void Show(string what, string figure) => Console.WriteLine($"| {what} | {figure} |");

    private static string Text(double figure, string unit) => string.Create(CultureInfo.InvariantCulture, $"{figure:0.##} {unit}");
}
