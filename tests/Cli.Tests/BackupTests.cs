using System.Text.Json;

namespace Halley.Cli.Tests;

/// <summary>The options of <c>backup</c> and <c>restore</c>.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SampleTree _tree = new();
    private readonly HalleyProgram _halley;

    public BackupTests() => _halley = new HalleyProgram(_directory["vault"], "password");

    public void Dispose()
    {
        _halley.Dispose();
        _tree.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Options_decide_what_is_in_the_snapshot_and_what_it_says_of_itself()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        var excludes = _directory.File("excludes", "# old things\nold.tmp\n");
        var lists = _directory.File("list", $"{_tree.Path}/s*\n{_tree.Path}/letter.txt\n{_tree.Path}/cache\n");

        await _halley.RunAsync(
            "backup", "--files-from", lists, "--exclude-file", excludes, "--iexclude", "*.Tmp", "--exclude-larger-than", "1M",
            "--exclude-caches", "--tag", "a,b", "--tag", "c", "--host", "laptop", "--time", "2020-01-02 03:04:05Z");

        var lines = Json(await _halley.RunAsync("ls", "latest", "--json"));
        var snapshot = lines[0];
        Assert.Equal("laptop", snapshot.GetProperty("hostname").GetString());
        Assert.Equal(["a", "b", "c"], snapshot.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.StartsWith("2020-01-02T03:04:05", snapshot.GetProperty("time").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ["/cache", "/cache/CACHEDIR.TAG", "/letter.txt", "/sub", "/sub/empty"],
            lines.Skip(1).Select(node => node.GetProperty("path").GetString()!)
                .Where(path => path.StartsWith($"{_tree.Path}/", StringComparison.Ordinal))
                .Select(path => path[_tree.Path.Length..]));
    }

    [Fact]
    public async Task Dry_run_stores_nothing_and_an_unchanged_tree_makes_no_snapshot_when_told_so()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        var before = FilesOfVault();

        var dry = await _halley.RunAsync("backup", "--dry-run", "-vv", _tree.Path);
        Assert.Equal(before, FilesOfVault());
        Assert.Contains($"new       {_tree.Path}/letter.txt", dry.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("nothing was stored", dry.StandardOutput, StringComparison.Ordinal);

        // A snapshot holds the times of all directories above, as one of restic does. Other programs write to the temporary directory,
        // and the clone may be below it, so the tree is in the home directory.
        using var tree = new SampleTree(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        await _halley.RunAsync("backup", tree.Path);
        var count = FilesOfVault().Count;
        var again = await _halley.RunAsync("backup", "--skip-if-unchanged", tree.Path);
        Assert.Contains("no snapshot was made", again.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(count, FilesOfVault().Count);
    }

    [Fact]
    public async Task Standard_input_and_the_output_of_a_command_are_backed_up_but_not_half_an_output()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");

        (await _halley.ShellAsync("printf 'by pipe' | $halley backup --stdin --stdin-filename pipe.txt")).EnsureSuccess();
        await _halley.RunAsync("backup", "--stdin-from-command", "--stdin-filename", "command.txt", "--", "printf", "by command");
        var failed = await _halley.TryAsync("backup", "--stdin-from-command", "--", "bash", "-c", "printf half; exit 7");
        await _halley.RunAsync("restore", "latest", "--target", _directory["out"]);

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("bash exited with 7", failed.StandardError, StringComparison.Ordinal);
        Assert.Equal("by command", await File.ReadAllTextAsync(_directory["out", "command.txt"]));
        var list = Json(await _halley.RunAsync("snapshots", "--json"))[0];
        Assert.Equal(["/pipe.txt", "/command.txt"], list.EnumerateArray().Select(entry => entry.GetProperty("paths")[0].GetString()));
    }

    [Fact]
    public async Task Restore_selects_overwrites_and_deletes_as_it_is_told()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        await _halley.RunAsync("backup", _tree.Path);
        var target = _directory["target"];

        var dry = await _halley.RunAsync("restore", "latest", "-t", target, "-n");
        Assert.False(Directory.Exists(target));
        Assert.Contains("Would restore", dry.StandardOutput, StringComparison.Ordinal);

        await _halley.RunAsync(
            "restore", $"latest:{_tree.Path}", "-t", target, "--iinclude", "*.tmp", "--exclude", "/sub/old*", "--verify");
        Assert.Equal([_directory["target", "sub/Notes.TMP"]], Directory.GetFiles(target, "*", SearchOption.AllDirectories));

        await File.WriteAllTextAsync(_directory["target", "sub/Notes.TMP"], "mine");
        await File.WriteAllTextAsync(_directory["target", "extra"], "extra");
        await _halley.RunAsync("restore", $"latest:{_tree.Path}", "-t", target, "--overwrite", "never", "--delete");
        Assert.Equal("mine", await File.ReadAllTextAsync(_directory["target", "sub/Notes.TMP"]));
        Assert.False(File.Exists(_directory["target", "extra"]));

        await _halley.RunAsync("restore", $"latest:{_tree.Path}", "-t", target);
        Assert.Equal(await SampleTree.DescribeAsync(_tree["sub"]), await SampleTree.DescribeAsync(_directory["target", "sub"]));
    }

    internal static List<JsonElement> Json(ProgramRun run) =>
        [.. run.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private List<string> FilesOfVault() =>
        [.. Directory.GetFiles(_directory["vault"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
