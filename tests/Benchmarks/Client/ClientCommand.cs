using System.CommandLine;
using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks.Client;

/// <summary><c>client</c>: backup, check and restore with <c>halley</c> and with restic.</summary>
internal static class ClientCommand
{
    private static readonly Option<string?> ResticPath =
        new("--restic") { Description = "The restic to compare with (default: that of the machine)." };

    private static readonly Option<string?> HalleyPath = new("--halley")
    {
        Description = "The halley to measure (default: a native program made for this run, or the .NET build if that fails).",
    };

    private static readonly Option<int> Rounds =
        new("--rounds") { Description = "Rounds; the table shows medians.", DefaultValueFactory = _ => 3 };

    private static readonly Option<int> Megabytes =
        new("--megabytes") { Description = "Size of the mixed tree; 0 leaves it out.", DefaultValueFactory = _ => 2048 };

    private static readonly Option<int> SmallFiles =
        new("--small-files") { Description = "Files of the tree of small files; 0 leaves it out.", DefaultValueFactory = _ => 200_000 };

    private static readonly Option<DirectoryInfo> WorkDirectory = new("--directory")
    {
        Description = "Where trees, vaults and restored files are. It needs four times the size of a tree.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Also writes every sample to this file." };

    public static Command Create()
    {
        var command = new Command("client", "Measures backup, check and restore against restic, interleaved.")
        {
            ResticPath, HalleyPath, Rounds, Megabytes, SmallFiles, WorkDirectory, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory(arguments.GetRequiredValue(WorkDirectory).FullName);
        var restic = arguments.GetValue(ResticPath) ?? Tools.Require("restic", "restic");
        var version = (await ExternalProgram.RunAsync(restic, ["version"])).EnsureSuccess().StandardOutput.Trim();
        var halley = arguments.GetValue(HalleyPath) is { } path
            ? new HalleyBuild(path, [], path)
            : await HalleyBuild.MakeAsync(directory.Combine("halley"));
        var benchmark = new ClientBenchmark(
            [
                new MeasuredProgram("halley", halley.Path, halley.Arguments, Variables("HALLEY", directory)),
                new MeasuredProgram("restic", restic, [], Variables("RESTIC", directory)),
            ],
            directory.Path, await KnowsVerificationAsync(restic), Console.Out);
        await benchmark.PrepareAsync();
        var rounds = arguments.GetRequiredValue(Rounds);
        if (arguments.GetRequiredValue(Megabytes) is > 0 and var size)
        {
            await benchmark.RunAsync("mixed", tree => SourceTree.CreateMixed(tree, size * 1_000_000L), rounds, cancellationToken);
        }

        if (arguments.GetRequiredValue(SmallFiles) is > 0 and var count)
        {
            await benchmark.RunAsync("small files", tree => SourceTree.CreateSmallFiles(tree, count), rounds, cancellationToken);
        }

        await benchmark.RunStartsAsync(rounds);
        Console.WriteLine($"\n{halley.Name}; {version}; {Environment.ProcessorCount} cores, load {Load()}.");
        Console.WriteLine("Wall times mean something only on a machine that does nothing else. Judge by CPU on any other.");
        ClientTable.Write(benchmark.Samples, Console.Out);
        Console.WriteLine($"\nIndex of a million blobs: {IndexMemory.Measure() / 1e6:0.0} MB (target: at most 60).");
        if (arguments.GetValue(Json) is { } file)
        {
            await SamplesFile.WriteAsync(benchmark.Samples, file.FullName, cancellationToken);
        }

        return 0;
    }

    private static Dictionary<string, string> Variables(string prefix, TemporaryDirectory directory) => new()
    {
        [$"{prefix}_PASSWORD"] = "a password of the benchmark",
        [$"{prefix}_CACHE_DIR"] = directory.CreateSubdirectory($"cache-{prefix}"),
    };

    // restic 0.16.4 and later verifies what it packs, unless the option turns that off.
    private static async Task<bool> KnowsVerificationAsync(string restic) =>
        (await ExternalProgram.RunAsync(restic, ["backup", "--help"])).Output.Contains("--no-extra-verify", StringComparison.Ordinal);

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
