using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.Layout;

/// <summary>What the compiler's analyzers do not judge.</summary>
public partial class StyleTests
{
    private const int LongestFile = 400;
    private const int LongestLine = 140;

    private static IEnumerable<string> Code => SourceFiles.Code("src").Concat(SourceFiles.Code("tests"));

    [Fact]
    public void Files_are_short_enough_to_be_read() =>
        Assert.DoesNotContain(Code, file => File.ReadLines(file).Count() > LongestFile);

    [Fact]
    public void Lines_fit_beside_each_other() =>
        Assert.Empty(Code.SelectMany(file => File.ReadLines(file).Index()
            .Where(line => line.Item.Length > LongestLine)
            .Select(line => $"{SourceFiles.Relative(file)}:{line.Index + 1} has {line.Item.Length} columns")));

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

    // A refresh would replace the row under the pointer of a person who clicks.
    [Fact]
    public void Tables_of_pages_keep_their_rows()
    {
        var tables = SourceFiles.Code("src").SelectMany(file => Table().Matches(File.ReadAllText(file)), (_, one) => one.Value).ToList();

        Assert.NotEmpty(tables);
        Assert.All(tables, table => Assert.StartsWith("<MudTable T=\"Row<", table, StringComparison.Ordinal));
    }

    [GeneratedRegex("<MudTable [^\"]*\"[^\"]*\"")]
    private static partial Regex Table();

    // The framework names the token of a background service, and an override keeps the name.
    [GeneratedRegex(@"(?<!\bExecuteAsync\()\bCancellationToken\??\s+(?!cancellationToken\b)[a-z]")]
    private static partial Regex TokenOfAnotherName();
}
