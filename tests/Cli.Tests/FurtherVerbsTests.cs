using System.IO.Compression;
using System.Text.Json;

namespace Halley.Cli.Tests;

/// <summary>Looking into snapshots, changing them and removing them; restic is asked for the same where it can be.</summary>
public sealed class FurtherVerbsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SampleTree _tree = new();
    private readonly HalleyProgram _halley;
    private readonly Restic _restic;

    public FurtherVerbsTests()
    {
        _halley = new HalleyProgram(_directory["vault"], "password");
        _restic = new Restic(_directory["vault"], "password");
    }

    public void Dispose()
    {
        _restic.Dispose();
        _halley.Dispose();
        _tree.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Files_are_found_compared_counted_and_written_out()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        await _halley.RunAsync("backup", _tree.Path);
        await File.WriteAllTextAsync(_tree["letter.txt"], "Dear Berta");
        File.Delete(_tree["sub/old.tmp"]);
        await File.WriteAllTextAsync(_tree["sub/new"], "new");
        await _halley.RunAsync("backup", _tree.Path);
        var ids = BackupTests.Json(await _halley.RunAsync("snapshots", "--json"))[0].EnumerateArray()
            .Select(snapshot => snapshot.GetProperty("id").GetString()!).ToList();

        var found = BackupTests.Json(await _halley.RunAsync("find", "--json", "-i", "*.TMP"))[0];
        Assert.Equal([2, 1], found.EnumerateArray().Select(snapshot => snapshot.GetProperty("hits").GetInt32()));
        Assert.Contains($"{_tree["sub/old.tmp"]}\n", (await _halley.RunAsync("find", "old.*")).StandardOutput, StringComparison.Ordinal);

        var ours = LinesWithPaths(await _halley.RunAsync("diff", ids[0], ids[1]));
        Assert.Equal(LinesWithPaths(await _restic.RunAsync("diff", ids[0], ids[1])), ours);
        Assert.Equal([$"+ {_tree["sub/new"]}", $"- {_tree["sub/old.tmp"]}", $"M {_tree["letter.txt"]}"], ours);

        var stats = BackupTests.Json(await _halley.RunAsync("stats", "--json", "latest"))[0];
        var theirs = BackupTests.Json(await _restic.RunAsync("stats", "--json", "latest"))[0];
        Assert.Equal(theirs.GetProperty("total_size").GetInt64(), stats.GetProperty("total_size").GetInt64());
        var raw = BackupTests.Json(await _halley.RunAsync("stats", "--json", "--mode", "raw-data"))[0];
        theirs = BackupTests.Json(await _restic.RunAsync("stats", "--json", "--mode", "raw-data"))[0];
        Assert.Equal(theirs.GetProperty("total_size").GetInt64(), raw.GetProperty("total_size").GetInt64());

        Assert.Equal("Dear Berta", (await _halley.RunAsync("dump", "latest", _tree["letter.txt"])).StandardOutput.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("tar", "tar -xf $archive -C $out")]
    [InlineData("zip", "")]
    public async Task Directory_becomes_an_archive(string format, string extract)
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        await _halley.RunAsync("backup", _tree.Path);
        var archive = _directory["archive"];
        var target = _directory.CreateSubdirectory("out");

        (await _halley.ShellAsync($"$halley dump -a {format} latest {_tree.Path} > {archive}")).EnsureSuccess();

        if (format == "zip")
        {
            await ZipFile.ExtractToDirectoryAsync(archive, target);
            Assert.Equal("letter.txt", await File.ReadAllTextAsync(Path.Combine(target, "link"))); // the target of the link
            Assert.Equal(
                await File.ReadAllBytesAsync(_tree["sub/large.bin"]), await File.ReadAllBytesAsync(Path.Combine(target, "sub/large.bin")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(target, "letter.txt")));
            return;
        }

        await ExternalProgram.RunAsync(
            Tools.Require(
                "bash", "bash"), ["-e", "-c", extract], new Dictionary<string, string> { ["archive"] = archive, ["out"] = target });
        Assert.Equal(await SampleTree.DescribeAsync(_tree.Path), await SampleTree.DescribeAsync(target));
    }

    [Fact]
    public async Task Tags_are_changed_and_snapshots_are_removed_by_rules_with_their_data()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        for (var day = 1; day <= 3; day++)
        {
            await File.WriteAllBytesAsync(_tree["daily.bin"], RandomBytes(day));
            await _halley.RunAsync("backup", "--time", $"2026-01-0{day} 12:00:00", _tree["daily.bin"]);
        }

        await _halley.RunAsync("tag", "--add", "kept", "latest");
        Assert.Single(BackupTests.Json(await _halley.RunAsync("snapshots", "--json", "--tag", "kept"))[0].EnumerateArray());

        var plan = BackupTests.Json(await _halley.RunAsync("forget", "--keep-daily", "2", "--dry-run", "--json"))[0][0];
        Assert.Equal((2, 1), (plan.GetProperty("keep").GetArrayLength(), plan.GetProperty("remove").GetArrayLength()));
        Assert.Equal(2, plan.GetProperty("reasons").GetArrayLength());
        var refused = await _halley.TryAsync("forget");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("so all stay", refused.StandardError, StringComparison.Ordinal);

        var before = Directory.GetFiles(_directory["vault", "data"], "*", SearchOption.AllDirectories).Length;
        await _halley.RunAsync("forget", "--keep-tag", "kept", "--prune", "--max-unused", "0");

        Assert.Single(BackupTests.Json(await _halley.RunAsync("snapshots", "--json"))[0].EnumerateArray());
        Assert.True(Directory.GetFiles(_directory["vault", "data"], "*", SearchOption.AllDirectories).Length < before);
        await _restic.RunAsync("check", "--read-data");
        Assert.Contains("0 would be deleted", (await _halley.RunAsync("prune", "--dry-run")).StandardOutput, StringComparison.Ordinal);
        var pruned = SummaryOf(await _halley.RunAsync("prune", "--dry-run", "--json"));
        Assert.Equal((true, 0), (pruned.GetProperty("dry_run").GetBoolean(), pruned.GetProperty("packs_deleted").GetInt32()));
        Assert.True(pruned.GetProperty("blobs_used").GetInt64() > 0);
    }

    [Fact]
    public async Task Snapshots_are_copied_and_a_damaged_vault_is_repaired_and_indexed_anew()
    {
        await _restic.RunAsync("init");
        await _restic.RunAsync("backup", _tree.Path);
        using var copy = new HalleyProgram(_directory["copy"], "other");
        copy.Variables["HALLEY_FROM_PASSWORD"] = "password";

        await copy.RunAsync("copy", "--from-repo", _directory["vault"]);
        var again = BackupTests.Json(await copy.RunAsync("copy", "--json", "--from-repo", _directory["vault"]));
        Assert.Equal("unchanged", again[0].GetProperty("action").GetString());
        Assert.Equal(0, again[^1].GetProperty("snapshots_copied").GetInt32());
        await copy.RunAsync("restore", "latest", "--target", _directory["copied"]);
        Assert.Equal(await SampleTree.DescribeAsync(_tree.Path), await SampleTree.DescribeAsync(_directory["copied"] + _tree.Path));

        foreach (var index in Directory.GetFiles(_directory["copy", "index"]))
        {
            File.Delete(index);
        }

        Assert.Equal(1, (await copy.TryAsync("check")).ExitCode);
        Assert.True(SummaryOf(await copy.RunAsync("reindex", "--json")).GetProperty("packs_added").GetInt32() > 0);
        await copy.RunAsync("check", "--read-data");

        var pack = Directory.GetFiles(_directory["copy", "data"], "*", SearchOption.AllDirectories).MaxBy(
            file => new FileInfo(file).Length)!;
        await using (var file = File.OpenWrite(pack))
        {
            file.Position = 1000;
            file.Write(new byte[100_000]);
        }

        var check = await copy.TryAsync("check", "--read-data");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("halley repair", check.StandardError, StringComparison.Ordinal);
        var found = BackupTests.Json(await copy.RunAsync("repair", "--dry-run", "--json", "--aside", _directory["aside"]));
        Assert.Equal("damaged_file", found[0].GetProperty("message_type").GetString());
        var hurt = found.Single(message => message.GetProperty("message_type").GetString() == "hurt_snapshot");
        var lost = hurt.GetProperty("lost").EnumerateArray().Select(entry => entry.GetProperty("path").GetString());
        Assert.Contains(_tree["sub/large.bin"], lost);
        Assert.False(found[^1].GetProperty("whole").GetBoolean());
        var repair = await copy.RunAsync("repair", "--aside", _directory["aside"]);
        Assert.Contains("The vault is whole.", repair.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"  {_tree["sub/large.bin"]}: ", repair.StandardOutput, StringComparison.Ordinal);
        await copy.RunAsync("check", "--read-data");
        Assert.NotEmpty(Directory.GetFiles(_directory["aside"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Lost_data_is_stored_again_from_the_files_that_still_have_it()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        await _halley.RunAsync("backup", _tree.Path);
        var packs = Directory.GetFiles(_directory["vault", "data"], "*", SearchOption.AllDirectories)
            .OrderByDescending(file => new FileInfo(file).Length).ToList();
        File.Delete(packs[0]);
        await File.WriteAllBytesAsync(packs[1], (await File.ReadAllBytesAsync(packs[1]))[..^100]);
        Assert.Equal(1, (await _halley.TryAsync("check")).ExitCode);
        var refused = await _halley.TryAsync("repair", "--heal", "--dry-run");
        Assert.Contains("Heal first", refused.StandardError, StringComparison.Ordinal);

        var healed = BackupTests.Json(await _halley.RunAsync("repair", "--heal", "--json"));

        var types = healed.Select(message => message.GetProperty("message_type").GetString());
        Assert.Equal(["healed_pack", "healed_pack", "summary"], types);
        Assert.True(healed[^1].GetProperty("whole").GetBoolean());
        Assert.Single(healed, message => message.TryGetProperty("forgotten", out var forgotten) && forgotten.GetBoolean());
        var repaired = await _halley.RunAsync("repair", "--aside", _directory["aside"]);
        Assert.Contains("The vault is whole.", repaired.StandardOutput, StringComparison.Ordinal);
        await _halley.RunAsync("check", "--read-data");
        await _halley.RunAsync("restore", "latest", "--target", _directory["restored"]);
        Assert.Equal(await SampleTree.DescribeAsync(_tree.Path), await SampleTree.DescribeAsync(_directory["restored"] + _tree.Path));
        Assert.Contains("Nothing is lost.", (await _halley.RunAsync("repair", "--heal")).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_of_a_vault_are_shown_and_deleted_when_they_are_old()
    {
        using var vault = await SampleVault.CreateAsync(_directory["vault"], "password");
        await _halley.RunAsync("backup", _tree.Path);
        Assert.Contains("1 vault in", (await _halley.RunAsync("cache")).StandardOutput, StringComparison.Ordinal);

        await _halley.RunAsync("cache", "--cleanup");
        Assert.Single(Directory.GetDirectories(_halley.CacheDirectory));
        foreach (var entry in Directory.GetFileSystemEntries(_halley.CacheDirectory, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(entry, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        await _halley.RunAsync("cache", "--cleanup");
        Assert.Empty(Directory.GetDirectories(_halley.CacheDirectory));
    }

    private static List<string> LinesWithPaths(ProgramRun run) =>
        [.. run.StandardOutput.Split('\n').Where(
            line => line.Length > 5 && line[0] is '+' or '-' or 'M' && line.Contains('/', StringComparison.Ordinal))
            .Select(line => $"{line[0]} {line[1..].Trim()}").Order(StringComparer.Ordinal)];

    private static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[1_000_000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static JsonElement SummaryOf(ProgramRun run)
    {
        var summary = BackupTests.Json(run)[^1];
        Assert.Equal("summary", summary.GetProperty("message_type").GetString());
        return summary;
    }
}
