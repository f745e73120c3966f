using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Halley.Storage.Tests;

public sealed partial class ReadmeTests
{
    private static readonly string[] Folders = ["src/Storage", "tests/Storage.Tests", "tests/Testing"];

    [Fact]
    public void Every_name_in_the_readme_exists()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));
        var sources = string.Join('\n', Folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(File.ReadAllText));

        var names = Name().Matches(File.ReadAllText(Path.Combine(root, "src", "Storage", "README.md")))
            .Select(match => match.Groups[1].Value).ToList();

        Assert.True(names.Count > 10);
        Assert.All(names, name => Assert.Contains(name, sources, StringComparison.Ordinal));
    }

    // what stands in backquotes and looks like a class, a method or a test
    [GeneratedRegex("`([A-Z][A-Za-z_]+)`")]
    private static partial Regex Name();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
