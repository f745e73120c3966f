using System.Text;
using System.Text.RegularExpressions;

namespace Halley.Server.Tests.Layout;

/// <summary>What <c>dotnet format</c> mends and the build does not judge: the order of imports, ends of lines and of files.</summary>
public partial class TextTests
{
    private static IEnumerable<string> Code => SourceFiles.Code("src").Concat(SourceFiles.Code("tests"));

    [Fact]
    public void Imports_are_sorted_and_those_of_the_system_come_first() =>
        AssertNone("dotnet format style --diagnostics IMPORTS", Code
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && !AreSorted(ImportsOf(file))));

    [Fact]
    public void Lines_end_with_a_line_feed_and_files_with_a_line() =>
        AssertNone("dotnet format whitespace", Code.Where(file => !IsPlain(File.ReadAllBytes(file))));

    private static void AssertNone(string remedy, IEnumerable<string> files)
    {
        var found = string.Join(' ', files.Select(SourceFiles.Relative));
        Assert.True(found.Length == 0, $"Run: {remedy} --include {found}");
    }

    private static List<string> ImportsOf(string file) =>
        [.. File.ReadLines(file)
            .TakeWhile(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal))
            .Where(line => line.Length > 0)];

    private static bool AreSorted(List<string> imports) => imports.SequenceEqual(imports.OrderBy(line => KindOf(line))
        .ThenBy(line => NameOf(line) is "System" || NameOf(line).StartsWith("System.", StringComparison.Ordinal) ? 0 : 1)
        .ThenBy(line => NameOf(line).Replace('.', '\0'), StringComparer.OrdinalIgnoreCase));

    // Namespaces, then static classes, then aliases.
    private static int KindOf(string line) =>
        line.Contains('=', StringComparison.Ordinal) ? 2 : line.StartsWith("using static ", StringComparison.Ordinal) ? 1 : 0;

    private static string NameOf(string line) => Name().Match(line).Groups[1].Value;

    private static bool IsPlain(byte[] content) =>
        !content.AsSpan().StartsWith(Encoding.UTF8.Preamble)
        && !content.Contains((byte)'\r')
        && content is [.., not (byte)'\n', (byte)'\n']
        && content.AsSpan().IndexOf(" \n"u8) < 0;

    [GeneratedRegex(@"^using (?:static )?([\w.]+)")]
    private static partial Regex Name();
}
