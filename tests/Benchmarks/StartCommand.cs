using System.CommandLine;
using System.Globalization;
using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks;

/// <summary><c>start</c>: how long the server takes from its start to its first good answer. The target is less than two seconds.</summary>
internal static class StartCommand
{
    private static readonly Option<int> Starts = new("--starts")
    {
        Description = "Starts to measure, the first on an empty directory.",
        DefaultValueFactory = _ => 10,
    };

    public static Command Create()
    {
        var command = new Command("start", "Measures how long the server takes to get ready, less the time it waited for a processor.")
        {
            Starts,
        };
        command.SetAction(async (arguments, _) =>
        {
            await RunAsync(arguments.GetRequiredValue(Starts));
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int starts)
    {
        await using var server = await ServerProcess.StartAsync();
        var first = server.OwnStartupTime.TotalMilliseconds;
        var later = new List<double>();
        while (later.Count < starts - 1)
        {
            await server.StopAsync();
            await server.StartAgainAsync();
            later.Add(server.OwnStartupTime.TotalMilliseconds);
        }

        Console.WriteLine("| | ms |\n|---|---:|");
        Show("first start, on an empty directory", first);
        if (later.Count > 0)
        {
            Show("later starts, best", later.Min());
            Show("later starts, median", later.Percentile(0.5));
        }
    }

    private static void Show(string what, double milliseconds) =>
        Console.WriteLine($"| {what} | {milliseconds.ToString("0", CultureInfo.InvariantCulture)} |");
}
