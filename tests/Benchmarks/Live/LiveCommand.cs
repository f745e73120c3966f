using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Halley.Benchmarks.Accounts;
using Halley.Benchmarks.Peers;
using Halley.Benchmarks.Reporting;
using Halley.Benchmarks.Volumes;
using Halley.Protocol;

namespace Halley.Benchmarks.Live;

/// <summary>
/// <c>live</c>: a fleet of connected devices; what a connection costs, how long a command takes, and a restart of the server.
/// </summary>
internal static class LiveCommand
{
    private static readonly Option<int> Devices =
        new("--devices") { Description = "Devices to connect.", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<int> PerSecond =
        new("--commands") { Description = "Commands a second.", DefaultValueFactory = _ => 500 };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "Seconds of commands.", DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        var command = new Command(
            "live", "Connects a fleet of devices, gives them commands, and restarts the server.") { Devices, PerSecond, Seconds };
        command.SetAction(async (arguments, _) =>
        {
            await RunAsync(arguments.GetRequiredValue(Devices), arguments.GetRequiredValue(PerSecond), arguments.GetRequiredValue(Seconds));
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int devices, int perSecond, int seconds)
    {
        await using var server = await ServerProcess.StartAsync();
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        var key = await StartSessionAsync(server.Address);
        using var client = new CometClient(server.Address, key);
        var keys = await FleetLoad.AddAsync(
            client, Path.Combine(server.DataDirectory, "halley.db"), devices, TimeProvider.System.GetUtcNow());
        Console.WriteLine("| | figure |\n|---|---|");
        var before = ProcessMemory.BytesOf(server.Id);
        await using var fleet = new SimulatedFleet(server.Address, keys);
        var attachSeconds = await fleet.AttachAsync(TimeSpan.FromMinutes(5));
        Show($"{devices} devices connected",
            $"{Text(attachSeconds)} s, {fleet.Devices.Sum(device => device.Refusals)} told to come later");
        await Task.Delay(TimeSpan.FromSeconds(20));
        var cost = ProcessCost.Of(server.Id).Cpu;
        await Task.Delay(TimeSpan.FromSeconds(20));
        Show("processor at rest, heart-beats only", $"{Text((ProcessCost.Of(server.Id).Cpu - cost).TotalSeconds * 5)} % of one core");
        Show("memory per connection", $"{Text((ProcessMemory.BytesOf(server.Id) - before) / 1024.0 / devices)} KB");
        await ShowCommandsAsync(fleet, client, perSecond, seconds);
        Show("memory per connection, after that", $"{Text((ProcessMemory.BytesOf(server.Id) - before) / 1024.0 / devices)} KB");

        var bucket = await admin.AddBucketAsync("beside");
        await server.KillAsync();
        var clock = Stopwatch.StartNew();
        await server.StartAgainAsync();
        var target = HalleyPeer.TargetOf(server, bucket);
        var isOver = false;
        var beside = Task.Run(() => new Foreground(target).MeasureUntil(() => Volatile.Read(ref isOver)));
        await fleet.AttachAsync(TimeSpan.FromMinutes(5));
        Show("all devices back, from the moment at which the server was killed and started again", $"{Text(clock.Elapsed.TotalSeconds)} s");
        Volatile.Write(ref isOver, true);
        var (uploads, downloads) = await beside;
        Show("files of 64 KiB stored and read meanwhile, p99",
            $"{Text(uploads.Percentile(0.99))} ms, {Text(downloads.Percentile(0.99))} ms, none failed");
    }

    private static async Task ShowCommandsAsync(SimulatedFleet fleet, CometClient client, int perSecond, int seconds)
    {
        var times = new ConcurrentBag<double>();
        var failures = 0;
        var clock = Stopwatch.StartNew();
        var given = new List<Task>();
        for (var number = 0; number < perSecond * seconds; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond) - clock.Elapsed;
            if (due > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(due);
            }

            var target = fleet.Devices[number * 7919 % fleet.Devices.Count].ConnectionId!;
            given.Add(Task.Run(async () =>
            {
                var start = Stopwatch.GetTimestamp();
                var answer = await client.CallAsync("admin/dispatcher/refetch-profile", ("TargetID", target));
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (answer.GetProperty("Status").GetInt32() != 200)
                {
                    Interlocked.Increment(ref failures);
                }
            }));
        }

        await Task.WhenAll(given);
        var ordered = times.Order().ToList();
        Show(
            $"commands answered, {perSecond} a second for {seconds} s",
            $"median {Text(ordered[ordered.Count / 2])} ms, p99 {Text(ordered[(int)(ordered.Count * 0.99)])} ms, "
            + $"{failures} of {ordered.Count} failed");
    }

    private static void Show(string what, string figure) => Console.WriteLine($"| {what} | {figure} |");

    private static string Text(double number) => number.ToString(number < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);

    private static async Task<string> StartSessionAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(AdminClient.Username, AdminClient.Password));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;
    }
}
