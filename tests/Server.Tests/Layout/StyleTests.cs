using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.Layout;

/// <summary>What the compiler's analyzers do not judge.</summary>
public partial class StyleTests
{
    private const int LongestFile = 400;
    private const int LongestLine = 140;

    // Lines that were too long when the rule came; these numbers only shrink.
    private static readonly Dictionary<string, int> LongLines = new()
    {
        ["src/Client/Keys"] = 7,
        ["src/Server/Access"] = 7,
        ["src/Server/AdminWeb"] = 181,
        ["src/Server/Administrators"] = 60,
        ["src/Server/ApiDocuments"] = 15,
        ["src/Server/AuthRole"] = 9,
        ["src/Server/Credentials"] = 15,
        ["src/Server/Data"] = 19,
        ["src/Server/Events"] = 26,
        ["src/Server/Hosting"] = 22,
        ["src/Server/Instances"] = 14,
        ["src/Server/Organizations"] = 27,
        ["src/Server/Periodic"] = 4,
        ["src/Server/Settings"] = 19,
        ["src/Server/StorageRole"] = 60,
        ["tests/Benchmarks"] = 2,
        ["tests/Benchmarks/Accounts"] = 22,
        ["tests/Benchmarks/Live"] = 12,
        ["tests/Benchmarks/Load"] = 1,
        ["tests/Benchmarks/Peers"] = 1,
        ["tests/Benchmarks/Reporting"] = 2,
        ["tests/Benchmarks/Volumes"] = 12,
        ["tests/Client.Tests/Keys"] = 6,
        ["tests/EndToEnd.Tests"] = 22,
        ["tests/EndToEnd.Tests/AdminWeb"] = 15,
        ["tests/EndToEnd.Tests/Live"] = 20,
        ["tests/Server.Tests/Administrators"] = 28,
        ["tests/Server.Tests/AuthRole"] = 79,
        ["tests/Server.Tests/BadInput"] = 16,
        ["tests/Server.Tests/CometApi"] = 56,
        ["tests/Server.Tests/Credentials"] = 3,
        ["tests/Server.Tests/Data"] = 6,
        ["tests/Server.Tests/Events"] = 15,
        ["tests/Server.Tests/Hosting"] = 8,
        ["tests/Server.Tests/Instances"] = 9,
        ["tests/Server.Tests/Live"] = 51,
        ["tests/Server.Tests/Organizations"] = 83,
        ["tests/Server.Tests/StorageRole"] = 91,
        ["tests/Storage.Tests"] = 39,
        ["tests/Storage.Tests/Faults"] = 11,
        ["tests/Storage.Tests/Moving"] = 5,
        ["tests/Testing"] = 36,
        ["tests/Testing/Keys"] = 3,
        ["tests/Testing/Live"] = 5,
    };

    private static IEnumerable<string> Code => SourceFiles.Code("src").Concat(SourceFiles.Code("tests"));

    [Fact]
    public void Files_are_short_enough_to_be_read() =>
        Assert.DoesNotContain(Code, file => File.ReadLines(file).Count() > LongestFile);

    [Fact]
    public void Lines_fit_beside_each_other()
    {
        var counts = Code.GroupBy(file => string.Join('/', SourceFiles.Relative(file).Split('/')[..^1].Take(3)))
            .Select(folder =>
                (Folder: folder.Key, Lines: folder.Sum(file => File.ReadLines(file).Count(line => line.Length > LongestLine))));

        Assert.Empty(counts.Where(folder => folder.Lines > LongLines.GetValueOrDefault(folder.Folder))
            .Select(folder => $"{folder.Folder} has {folder.Lines} lines of more than {LongestLine} columns"));
    }

    [Fact]
    public void Methods_that_log_are_named_for_it()
    {
        var methods = typeof(LogEvents).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
            .ToList();

        Assert.NotEmpty(methods);
        Assert.Empty(methods.Where(method => !method.Name.StartsWith("Log", StringComparison.Ordinal))
            .Select(method => $"{method.DeclaringType}.{method.Name}"));
    }

    [Fact]
    public void Cancellation_tokens_have_one_name()
    {
        var found = SourceFiles.Code("src").Where(file => TokenOfAnotherName().IsMatch(File.ReadAllText(file))).Select(SourceFiles.Relative)
            .ToList();

        Assert.Empty(found);
    }

    // The framework names the token of a background service, and an override keeps the name.
    [GeneratedRegex(@"(?<!\bExecuteAsync\()\bCancellationToken\??\s+(?!cancellationToken\b)[a-z]")]
    private static partial Regex TokenOfAnotherName();
}
