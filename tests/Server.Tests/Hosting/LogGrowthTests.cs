using System.Globalization;
using Halley.Server.Hosting;
using Halley.Testing;
using Serilog;

namespace Halley.Server.Tests.Hosting;

/// <summary>Nobody can fill the disk of the log.</summary>
public class LogGrowthTests
{
    [Fact]
    public async Task Requests_without_a_known_caller_are_logged_up_to_a_number_and_cut()
    {
        using var directory = new TemporaryDirectory();
        await using (var host = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path }))
        {
            using var anybody = host.CreateClient();
            for (var request = 0; request < 1200; request++)
            {
                using var answer = await anybody.GetAsync(new Uri("/missing/" + new string('x', 2000), UriKind.Relative));
            }
        }

        var lines = Directory.GetFiles(directory["logs"], "halley-*.log").SelectMany(File.ReadAllLines)
            .Where(line => line.Contains("/missing/", StringComparison.Ordinal)).ToList();
        Assert.InRange(lines.Count, 1000, 1190);
        Assert.All(lines, line => Assert.InRange(line.Length, 500, 900));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("127.0.0.1", 0)]
    public async Task Forwarded_headers_of_a_proxy_that_is_not_trusted_are_ignored_with_one_warning(string trusted, int warnings)
    {
        using var directory = new TemporaryDirectory();
        var settings = trusted.Length > 0 ? new() { ["Halley:TrustedProxies:0"] = trusted } : new Dictionary<string, string>();
        var options = new ServerHostOptions { DataDirectory = directory.Path, Kestrel = true, Settings = settings };
        await using (var host = await ServerHost.StartAsync(options))
        {
            using var proxy = host.CreateClient();
            proxy.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.7");
            for (var request = 0; request < 3; request++)
            {
                using var answer = await proxy.GetAsync(new Uri("/missing", UriKind.Relative));
            }
        }

        var lines = Directory.GetFiles(directory["logs"], "halley-*.log").SelectMany(File.ReadAllLines).ToList();
        Assert.Equal(warnings, lines.Count(line => line.Contains("Halley:TrustedProxies", StringComparison.Ordinal)));
        var seen = trusted.Length > 0 ? "198.51.100.7" : "127.0.0.1";
        Assert.All(lines.Where(line => line.Contains("/missing", StringComparison.Ordinal)),
            line => Assert.EndsWith($"from {seen}", line.TrimEnd(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_files_are_bounded_in_size_and_number_and_a_day_is_read_whole()
    {
        using var directory = new TemporaryDirectory();
        var data = new DataDirectory(new HalleyOptions { DataDirectory = directory.Path });
        using (var sink = new LogSink(data.Logs, "{Message}{NewLine}", new LoggingOptions { FileBytes = 1 << 16, RetainedDays = 3 }))
        using (var log = new LoggerConfiguration().WriteTo.Sink(sink, Serilog.Events.LogEventLevel.Verbose).CreateLogger())
        {
            for (var line = 0; line < 10_000; line++)
            {
                log.Information("{Line} {Text}", line.ToString(CultureInfo.InvariantCulture), new string('x', 50));
            }
        }

        var files = Directory.GetFiles(data.Logs);
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 1 << 17));
        var logs = new LogFiles(data);
        using var whole = new MemoryStream();
        await logs.CopyAsync(Assert.Single(logs.Days()), whole, default);
        Assert.Equal(files.Sum(file => new FileInfo(file).Length), whole.Length);
    }
}
