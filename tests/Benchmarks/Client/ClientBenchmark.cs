using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks.Client;

/// <summary>
/// Every operation with every program, interleaved: after one program has done it the next one does, so that a slow minute of the machine
/// meets both. All begin with a copy of the same empty vault, so that keys are equally hard to derive.
/// </summary>
internal sealed class ClientBenchmark(IReadOnlyList<MeasuredProgram> programs, string directory, bool canSkipVerification, TextWriter log)
{
    public const string Unverified = "first backup, no verification", Verified = "first backup, halley verifies";
    public const string Second = "unchanged backup", Check = "check --read-data", Restore = "restore", Start = "snapshots, small vault";

    private const string Empty = "empty", Source = "source";
    private const double Megabyte = 1e6;

    private readonly Samples _samples = new([.. programs.Select(program => program.Name)]);

    public Samples Samples => _samples;

    /// <summary>Makes the empty vault of all programs; the last one makes it.</summary>
    public async Task PrepareAsync() => await programs[^1].RunAsync("init", "-r", Path.Combine(directory, Empty));

    /// <summary>Measures all operations on a tree.</summary>
    public async Task RunAsync(string tree, Action<string> create, int rounds, CancellationToken cancellationToken)
    {
        var source = Path.Combine(directory, Source);
        create(Directory.CreateDirectory(source).FullName);
        for (var round = 0; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            log.WriteLine($"{tree}, round {round + 1} of {rounds}");
            await ForEachAsync(round, program => BackUpAsync(tree, Unverified, program, source, isVerified: false));
            await ForEachAsync(round, program => BackUpAsync(tree, Verified, program, source, isVerified: true));
            await ForEachAsync(round, program => MeasureAsync(tree, Second, program, "backup", source));
            await ForEachAsync(round, program => MeasureAsync(tree, Check, program, "check", "--read-data"));
            await ForEachAsync(round, async program =>
            {
                var target = Path.Combine(directory, "restored");
                await MeasureAsync(tree, Restore, program, "restore", "latest", "--target", target);
                Directory.Delete(target, recursive: true);
            });
        }

        Directory.Delete(source, recursive: true);
    }

    /// <summary>Measures how long a program takes to open a vault that has nothing in it.</summary>
    public async Task RunStartsAsync(int rounds)
    {
        foreach (var program in programs)
        {
            Renew(program);
        }

        for (var round = 0; round < rounds; round++)
        {
            await ForEachAsync(round, program => MeasureAsync("", Start, program, "snapshots"));
        }
    }

    private async Task BackUpAsync(string tree, string operation, MeasuredProgram program, string source, bool isVerified)
    {
        Renew(program);
        var skips = !isVerified && (canSkipVerification || program != programs[^1]);
        string[] command = skips ? ["backup", "--no-extra-verify", source] : ["backup", source];
        var cost = await MeasureAsync(tree, operation, program, command);
        _samples.Add($"{tree}: {operation}, peak memory", "MB", program.Name, cost.PeakBytes / Megabyte);
    }

    private async Task<ProgramCost> MeasureAsync(string tree, string operation, MeasuredProgram program, params string[] command)
    {
        var cost = await program.RunAsync([.. command, "-r", VaultOf(program)]);
        var figure = tree.Length == 0 ? operation : $"{tree}: {operation}";
        _samples.Add($"{figure}, CPU", "s", program.Name, cost.Cpu.TotalSeconds);
        _samples.Add($"{figure}, wall", "s", program.Name, cost.Wall.TotalSeconds);
        return cost;
    }

    private async Task ForEachAsync(int round, Func<MeasuredProgram, Task> measure)
    {
        foreach (var program in programs.Skip(round % programs.Count).Concat(programs.Take(round % programs.Count)))
        {
            await measure(program);
        }
    }

    private string VaultOf(MeasuredProgram program) => Path.Combine(directory, $"vault-{program.Name}");

    private void Renew(MeasuredProgram program)
    {
        var (empty, vault) = (Path.Combine(directory, Empty), VaultOf(program));
        if (Directory.Exists(vault))
        {
            Directory.Delete(vault, recursive: true);
        }

        foreach (var folder in Directory.EnumerateDirectories(empty, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(vault, Path.GetRelativePath(empty, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(empty, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(vault, Path.GetRelativePath(empty, file)));
        }
    }
}
