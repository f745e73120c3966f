using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Halley.Benchmarks.Load;
using Halley.Benchmarks.Peers;
using Halley.Protocol;

namespace Halley.Benchmarks.Volumes;

/// <summary><c>volumes</c>: drains against rsync, scrubs against sha256sum, and what both do to a client beside them.</summary>
internal static class VolumesCommand
{
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the table shows medians.", DefaultValueFactory = _ => 3 };

    private static readonly Option<int> Packs = new("--packs")
    {
        Description = "Files of 16 MiB on the volume, beside 2000 of 64 KiB.",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<DirectoryInfo> WorkDirectory = new("--directory")
    {
        Description = "Where everything lies; one file system for all.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    };

    public static Command Create()
    {
        var command = new Command("volumes", "Measures draining and scrubbing, alone and beside a client.") { Rounds, Packs, WorkDirectory };
        command.SetAction(async (arguments, _) =>
        {
            await RunAsync(arguments.GetRequiredValue(Rounds), arguments.GetRequiredValue(Packs), arguments.GetRequiredValue(WorkDirectory).FullName);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int rounds, int packs, string parent)
    {
        using var directory = new TemporaryDirectory(parent);
        await using var server = await ServerProcess.StartAsync(new ServerSettings { DataDirectory = directory.Combine("data") });
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        var kept = await admin.AddBucketAsync("kept");
        var target = HalleyPeer.TargetOf(server, kept);
        var packFiles = new Contents(16 << 20, packs);
        LoadRun.Once(target, Operation.Upload, packFiles, connections: 2);
        LoadRun.Once(target, Operation.Upload, new Contents(64 << 10, 2000), connections: 4);
        await admin.AddVolumeAsync(directory.Combine("volume-2"));
        var foreground = new Foreground(HalleyPeer.TargetOf(server, await admin.AddBucketAsync("beside")));
        var figures = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        void Note(string figure, double value) => (figures.TryGetValue(figure, out var values) ? values : figures[figure] = []).Add(value);

        for (var round = 0; round < rounds; round++)
        {
            var volumes = await admin.ListVolumesAsync();
            var (from, to) = (volumes[round % 2], volumes[(round + 1) % 2]);
            await admin.SetVolumeModeAsync(to.Id, VolumeMode.Writable);
            var source = Path.Combine(from.Path, "buckets", "kept");
            var bytes = new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6;

            using (var copy = new TemporaryDirectory(parent))
            {
                Note("rsync, then sync (MB/s)", bytes / await SecondsAsync(() => RunAsync($"rsync -a --whole-file {source}/ {copy.Path}/ && sync -f {copy.Path}")));
            }

            Note("sha256sum, one core (MB/s)", bytes / await SecondsAsync(() => RunAsync($"find {source} -type f -print0 | xargs -0 sha256sum >/dev/null")));
            var before = ProcessCost.Of(server.Id).Cpu;
            Note("scrub (MB/s)", bytes / await SecondsAsync(async () => await EndAsync(admin, await admin.ScrubAsync(from.Id))));
            Note("scrub, per second of processor (MB/s)", bytes / (ProcessCost.Of(server.Id).Cpu - before).TotalSeconds);

            var quiet = Stopwatch.StartNew();
            NoteBoth(foreground.MeasureUntil(() => quiet.Elapsed > TimeSpan.FromSeconds(8)), "alone", Note);
            NoteBoth(await BesideAsync(admin, foreground, () => admin.ScrubAsync(from.Id)), "beside a scrub", Note);
            if (round % 2 == 0)
            {
                // Alone on the way there, beside a client on the way back.
                Note("drain, verified (MB/s)", bytes / await SecondsAsync(async () => await EndAsync(admin, await admin.DrainAsync(from.Id))));
                await admin.SetVolumeModeAsync(from.Id, VolumeMode.Writable);
                NoteBoth(await BesideAsync(admin, foreground, () => admin.DrainAsync(to.Id)), "beside a drain", Note);
                await admin.SetVolumeModeAsync(to.Id, VolumeMode.Writable);
                Note("drain, verified (MB/s)", bytes / await SecondsAsync(async () => await EndAsync(admin, await admin.DrainAsync(from.Id))));
            }
        }

        Console.WriteLine("| | median | all |\n|---|---:|---|");
        foreach (var (figure, values) in figures)
        {
            Console.WriteLine($"| {figure} | {Text(values.Order().ElementAt(values.Count / 2))} | {string.Join(", ", values.Select(Text))} |");
        }
    }

    private static void NoteBoth((double Upload, double Download) measured, string when, Action<string, double> note)
    {
        note($"upload of 64 KiB {when}, p99 (ms)", measured.Upload);
        note($"download of 64 KiB {when}, p99 (ms)", measured.Download);
    }

    private static async Task<(double Upload, double Download)> BesideAsync(AdminClient admin, Foreground foreground, Func<Task<TaskInfo>> start)
    {
        var task = EndAsync(admin, await start());
        var measured = await Task.Run(() => foreground.MeasureUntil(() => task.IsCompleted));
        await task;
        return measured;
    }

    private static async Task EndAsync(AdminClient admin, TaskInfo task)
    {
        while (task.State == TaskState.Running)
        {
            await Task.Delay(50);
            task = await admin.FindTaskAsync(task.Id);
        }

        if (task.State != TaskState.Done)
        {
            throw new InvalidOperationException($"The {task.Kind} ended as {task.State}: {task.Problem}");
        }
    }

    private static async Task RunAsync(string commands) =>
        (await ExternalProgram.RunAsync(Tools.Require("bash", "bash"), ["-e", "-o", "pipefail", "-c", commands])).EnsureSuccess();

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }

    private static string Text(double number) => number.ToString(number < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
