using System.Text;
using Halley.Client.Selection;

namespace Halley.Client.Tests.Selection;

public sealed class PathRuleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("*.go", "/home/u/main.go", true)]
    [InlineData("*.go", "/home/u/main.gone", false)]
    [InlineData("u/*", "/home/u/main.go", true)]
    [InlineData("home", "/home/u/main.go", true)] // and all that is below
    [InlineData("/u", "/home/u", false)]
    [InlineData("/home", "/home", true)]
    [InlineData("/home/", "/home/x", true)]
    [InlineData("/home/./x/../y", "/home/y", true)]
    [InlineData("/", "/anything", true)]
    [InlineData("/home/**/x", "/home/x", true)]
    [InlineData("/home/**/x", "/home/a/b/x/y", true)]
    [InlineData("/home/**/x", "/root/a/x", false)]
    [InlineData("**/x", "/a/b/x", true)]
    [InlineData("a*/c", "/abc/b/c", false)] // an asterisk stays within a component
    [InlineData("[a-c]?[^x]", "/bäy", true)]
    [InlineData("[a-c]?[^x]", "/bäx", false)]
    [InlineData("[\\]]", "/]", true)]
    [InlineData("\\*", "/*", true)]
    [InlineData("\\*", "/a", false)]
    [InlineData("*a*b*c", "/xaybzbc", true)]
    [InlineData("*a*b*c", "/xaybzbcd", false)]
    [InlineData("README", "/readme", false)]
    public void Glob_matches_by_the_rules_of_restic(string pattern, string path, bool matches) =>
        Assert.Equal(matches, PathRule.Glob(pattern).Matches(Encoding.UTF8.GetBytes(path)));

    [Fact]
    public void Question_mark_takes_one_byte_that_is_no_character()
    {
        Assert.True(PathRule.Glob("a?b").Matches([(byte)'/', (byte)'a', 0xFF, (byte)'b']));
        Assert.True(PathRule.Glob("README", ignoresCase: true).Matches("/readme"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("a[b")]
    [InlineData("a\\")]
    [InlineData("[a-")]
    public void Incomplete_glob_is_rejected(string pattern) => Assert.Throws<FormatException>(() => PathRule.Glob(pattern));

    [Fact]
    public void Expression_is_searched_in_the_whole_path()
    {
        Assert.True(PathRule.Expression("^/home/[a-z]+/tmp").Matches("/home/u/tmp/x"u8));
        Assert.False(PathRule.Expression("^/home/[a-z]+/tmp").Matches("/home/U/tmp/x"u8));
        Assert.Throws<FormatException>(() => PathRule.Expression("(a"));
        Assert.Throws<FormatException>(() => PathRule.Expression("(?=a)"));
    }

    [Fact]
    public async Task Exclude_file_has_comments_variables_and_exceptions()
    {
        Environment.SetEnvironmentVariable("HALLEY_TEST_FOLDER", "/data");
        var path = _directory.File("excludes", "# comment\n\n  *.tmp \n${HALLEY_TEST_FOLDER}/x\n$HALLEY_TEST_FOLDER/y\n$$z\n!keep\n");

        var rules = await ExcludeFile.ReadAsync(path, ignoresCase: false, CancellationToken.None);

        Assert.Equal(["*.tmp", "/data/x", "/data/y", "$z", "!keep"], rules.Select(rule => rule.Text));
        Assert.Equal([false, false, false, false, true], rules.Select(rule => rule.IsInclusion));
    }
}
