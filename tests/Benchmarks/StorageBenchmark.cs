using System.Runtime.InteropServices;
using Halley.Benchmarks.Load;
using Halley.Benchmarks.Peers;
using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks;

/// <summary>Runs every workload against every server, interleaved, so that a slow minute of the machine meets all of them.</summary>
internal sealed class StorageBenchmark(IReadOnlyList<MeasuredServer> servers, string only, TextWriter log)
{
    private const double Megabyte = 1_000_000;
    private const double Gigabyte = 1_000_000_000;

    private readonly Samples _samples = new([.. servers.Select(server => server.Name)]);

    public Samples Run(int rounds, CancellationToken cancellationToken)
    {
        for (var round = 0; round < rounds; round++)
        {
            log.WriteLine($"round {round + 1} of {rounds}");
            foreach (var files in FileClass.All)
            {
                cancellationToken.ThrowIfCancellationRequested();
                MeasureFiles(files, round);
            }

            if (IsWanted("LIST"))
            {
                MeasureLists();
            }
        }

        foreach (var server in servers.Where(server => server.ProcessId is not null))
        {
            _samples.Add("peak RSS", "MB", server.Name, ProcessCost.Of(server.ProcessId!.Value).PeakBytes / Megabyte);
        }

        return _samples;
    }

    private bool IsWanted(string name) => name.Contains(only, StringComparison.OrdinalIgnoreCase);

    private void MeasureFiles(FileClass files, int round)
    {
        var workloads = Workload.Of(files).Where(workload => IsWanted(workload.Name)).ToList();
        if (workloads.Count == 0)
        {
            return;
        }

        var contents = new Contents(files.Size, files.Files);
        var upload = Workload.Of(files)[0];
        foreach (var workload in workloads.Contains(upload) ? workloads : [upload, .. workloads])
        {
            foreach (var server in Rotated(round))
            {
                Measure(workload, server, contents);
            }
        }

        foreach (var server in servers)
        {
            LoadRun.Once(server.Target, Operation.Delete, contents, files.Connections);
        }
    }

    private void Measure(Workload workload, MeasuredServer server, Contents contents)
    {
        // What the server before left unwritten is not to be paid for by the next one.
        Sync();
        var before = server.ProcessId is { } id ? ProcessCost.Of(id) : null;
        var result = workload.ReadsFor is { } time
            ? LoadRun.For(server.Target, workload.Operation, contents, workload.Files.Connections, time)
            : LoadRun.Once(server.Target, workload.Operation, contents, workload.Files.Connections);
        var bytes = (double)result.Operations * workload.Files.Size;
        var amount = workload.Files.InBytes ? bytes / Megabyte : result.Operations;
        _samples.Add(workload.Name, workload.Unit, server.Name, amount / result.Elapsed.TotalSeconds);
        if (before is not null && workload.CountsCpu)
        {
            var cpu = ProcessCost.Of(server.ProcessId!.Value).Cpu - before.Cpu;
            _samples.Add($"CPU {workload.Name}", "s/GB", server.Name, cpu.TotalSeconds / (bytes / Gigabyte));
        }
    }

    private void MeasureLists()
    {
        foreach (var server in servers.Where(server => server.List is not null))
        {
            var list = ListRun.Of(server.List!);
            _samples.Add("LIST first byte", "ms", server.Name, list.FirstByte.TotalMilliseconds);
            _samples.Add("LIST 100 000", "entries/s", server.Name, list.Entries / list.Elapsed.TotalSeconds);
        }
    }

    private IEnumerable<MeasuredServer> Rotated(int round) =>
        servers.Skip(round % servers.Count).Concat(servers.Take(round % servers.Count));

    [DllImport("libc", EntryPoint = "sync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Sync();
}
