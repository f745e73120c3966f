using System.CommandLine;
using Halley.Benchmarks.Peers;
using Halley.Benchmarks.Reporting;

namespace Halley.Benchmarks;

/// <summary><c>storage</c>: uploads, downloads and lists of the Storage Role.</summary>
internal static class StorageCommand
{
    private static readonly Option<string[]> Servers = new("--servers")
    {
        Description = "Servers to measure: halley, halley-2 (two volumes), nginx, rclone, or the URL of a restic REST repository "
            + "(credentials in the URL). Separated by commas.",
        DefaultValueFactory = _ => ["halley,halley-2,nginx,rclone"],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; in each every workload meets every server once, and the table shows medians.",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<DirectoryInfo> WorkDirectory = new("--directory")
    {
        Description = "Where all servers keep their files; one file system for all.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    };

    private static readonly Option<string> Only = new("--only")
    {
        Description = "Only workloads whose name contains this text.",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Also writes every sample to this file." };

    public static Command Create()
    {
        Servers.Validators.Add(result =>
        {
            foreach (var name in NamesIn(result.GetValueOrDefault<string[]>()).Where(name => !MeasuredServer.IsKnown(name)))
            {
                result.AddError($"No such server: {name}");
            }
        });
        var command = new Command("storage", "Measures uploads, downloads and lists against nginx WebDAV and rclone, interleaved.")
        {
            Servers, Rounds, WorkDirectory, Only, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var names = NamesIn(arguments.GetRequiredValue(Servers));
        using var directory = new TemporaryDirectory(arguments.GetRequiredValue(WorkDirectory).FullName);
        var servers = new List<MeasuredServer>();
        try
        {
            foreach (var name in names)
            {
                servers.Add(await MeasuredServer.StartAsync(name, directory.CreateSubdirectory($"server-{servers.Count}")));
            }

            var samples = new StorageBenchmark(servers, arguments.GetRequiredValue(Only), Console.Out)
                .Run(arguments.GetRequiredValue(Rounds), cancellationToken);
            Table.Write(samples, Console.Out);
            if (arguments.GetValue(Json) is { } file)
            {
                await SamplesFile.WriteAsync(samples, file.FullName, cancellationToken);
            }

            return 0;
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static IEnumerable<string> NamesIn(string[] values) =>
        values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
