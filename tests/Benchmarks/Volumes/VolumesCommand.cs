using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Halley.Benchmarks.Load;
using Halley.Benchmarks.Peers;
using Halley.Benchmarks.Reporting;
using Halley.Protocol;

namespace Halley.Benchmarks.Volumes;

/// <summary><c>volumes</c>: drains against rsync, scrubs against sha256sum, and what both do to a client beside them.</summary>
internal static class VolumesCommand
{
    private static readonly Option<int> Rounds =
        new("--rounds") { Description = "Rounds; the table shows medians.", DefaultValueFactory = _ => 3 };

    private static readonly Option<int> Packs = new("--packs")
    {
        Description = "Files of 16 MiB on the volume.",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<int> SmallFiles = new("--small-files")
    {
        Description = "Files of 64 KiB on the volume.",
        DefaultValueFactory = _ => 2000,
    };

    private static readonly Option<DirectoryInfo> WorkDirectory = new("--directory")
    {
        Description = "Where the server and its first volume are.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    };

    private static readonly Option<DirectoryInfo?> SecondDirectory = new("--second-directory")
    {
        Description =
            "Where the second volume is: best another file system, as a volume has one of its own. By default where the first one is.",
    };

    public static Command Create()
    {
        var command = new Command("volumes", "Measures draining and scrubbing, alone and beside a client.")
        {
            Rounds, Packs, SmallFiles, WorkDirectory, SecondDirectory,
        };
        command.SetAction(async (arguments, _) =>
        {
            await RunAsync(
                arguments.GetRequiredValue(Rounds), arguments.GetRequiredValue(Packs), arguments.GetRequiredValue(SmallFiles),
                arguments.GetRequiredValue(WorkDirectory).FullName,
                (arguments.GetValue(SecondDirectory) ?? arguments.GetRequiredValue(WorkDirectory)).FullName);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int rounds, int packs, int smallFiles, string parent, string secondParent)
    {
        using var directory = new TemporaryDirectory(parent);
        using var second = new TemporaryDirectory(secondParent);
        await using var server = await ServerProcess.StartAsync(new ServerSettings { DataDirectory = directory.Combine("data") });
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        var kept = await admin.AddBucketAsync("kept");
        var target = HalleyPeer.TargetOf(server, kept);
        var packFiles = new Contents(16 << 20, packs);
        LoadRun.Once(target, Operation.Upload, packFiles, connections: 2);
        LoadRun.Once(target, Operation.Upload, new Contents(64 << 10, smallFiles), connections: 4);
        await admin.AddVolumeAsync(second.Combine("volume-2"));
        var foreground = new Foreground(HalleyPeer.TargetOf(server, await admin.AddBucketAsync("beside")));
        var figures = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        var waits = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        void Note(string figure, params double[] values) => AddTo(figures, figure, values);
        void Wait(string when, (IReadOnlyList<double> Uploads, IReadOnlyList<double> Downloads) measured)
        {
            AddTo(waits, $"uploads {when}", measured.Uploads);
            AddTo(waits, $"downloads {when}", measured.Downloads);
        }

        for (var round = 0; round < rounds; round++)
        {
            var (from, bytes) = await FullVolumeAsync(admin);
            await ForgetCachedAsync(from.Path);
            Note("sha256sum, one core (MB/s)",
                bytes / await SecondsAsync(() => RunAsync($"find {from.Path}/buckets -type f -print0 | xargs -0 sha256sum >/dev/null")));
            await ForgetCachedAsync(from.Path);
            var cost = ProcessCost.Of(server.Id).Cpu;
            Note("scrub (MB/s)", bytes / await SecondsAsync(async () => await EndAsync(admin, await admin.ScrubAsync(from.Id))));
            Note("scrub, per second of processor (MB/s)", bytes / (ProcessCost.Of(server.Id).Cpu - cost).TotalSeconds);

            await ForgetCachedAsync(from.Path);
            using (var copy = new TemporaryDirectory(from.Path.StartsWith(second.Path, StringComparison.Ordinal) ? parent : secondParent))
            {
                Note("rsync, then sync (MB/s)", bytes / await SecondsAsync(
                    () => RunAsync($"rsync -a --whole-file {from.Path}/buckets/ {copy.Path}/ && sync -f {copy.Path}")));
            }

            await ForgetCachedAsync(from.Path);
            cost = ProcessCost.Of(server.Id).Cpu;
            Note("drain, verified (MB/s)", bytes / await SecondsAsync(async () => await EndAsync(admin, await admin.DrainAsync(from.Id))));
            Note("drain / rsync", figures["drain, verified (MB/s)"][^1] / figures["rsync, then sync (MB/s)"][^1]);
            Note("scrub per second of processor / sha256sum",
                figures["scrub, per second of processor (MB/s)"][^1] / figures["sha256sum, one core (MB/s)"][^1]);
            Note("drain, per second of processor (MB/s)", bytes / (ProcessCost.Of(server.Id).Cpu - cost).TotalSeconds);
            await admin.SetVolumeModeAsync(from.Id, VolumeMode.Writable);

            (from, _) = await FullVolumeAsync(admin);
            var quiet = Stopwatch.StartNew();
            Wait("alone", foreground.MeasureUntil(() => quiet.Elapsed > TimeSpan.FromSeconds(20)));
            Wait("beside a scrub", await BesideAsync(admin, foreground, () => admin.ScrubAsync(from.Id)));
            Wait("beside a drain", await BesideAsync(admin, foreground, () => admin.DrainAsync(from.Id)));
            await admin.SetVolumeModeAsync(from.Id, VolumeMode.Writable);
        }

        Console.WriteLine("| | median | all |\n|---|---:|---|");
        foreach (var (figure, values) in figures)
        {
            Console.WriteLine(
                $"| {figure} | {Text(values.Order().ElementAt(values.Count / 2))} | {string.Join(", ", values.Select(Text))} |");
        }

        // Of all rounds together: one round has too few requests to tell what the slowest of a hundred is like.
        Console.WriteLine("\n| requests of 64 KiB | how many | half within (ms) | 99 of 100 within (ms) |\n|---|---:|---:|---:|");
        foreach (var (kind, values) in waits)
        {
            Console.WriteLine($"| {kind} | {values.Count} | {Text(values.Percentile(0.5))} | {Text(values.Percentile(0.99))} |");
        }
    }

    private static void AddTo(Dictionary<string, List<double>> table, string row, IReadOnlyList<double> values) =>
        (table.TryGetValue(row, out var known) ? known : table[row] = []).AddRange(values);

    private static async Task<(VolumeInfo Volume, double MegaBytes)> FullVolumeAsync(AdminClient admin)
    {
        static long BytesOf(VolumeInfo volume) =>
            new DirectoryInfo(Path.Combine(volume.Path, "buckets")).EnumerateFiles("*", SearchOption.AllDirectories)
                .Sum(file => file.Length);

        var volume = (await admin.ListVolumesAsync()).MaxBy(BytesOf)!;
        return (volume, BytesOf(volume) / 1e6);
    }

    // Whoever reads next reads from the disk.
    private static Task ForgetCachedAsync(string path) =>
        RunAsync($"sync -f {path} && find {path} -type f -exec dd if={{}} iflag=nocache count=0 status=none ';'");

    private static async Task<(IReadOnlyList<double> Uploads, IReadOnlyList<double> Downloads)> BesideAsync(
        AdminClient admin, Foreground foreground, Func<Task<TaskInfo>> start)
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
