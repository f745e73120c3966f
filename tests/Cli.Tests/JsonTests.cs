using System.Text.Json;

namespace Halley.Cli.Tests;

/// <summary>The messages that programs read: the members of restic 0.17, with its names and types.</summary>
public sealed class JsonTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SampleTree _tree = new();
    private readonly HalleyProgram _halley;

    public JsonTests()
    {
        _halley = new HalleyProgram(_directory["vault"], "password");
        _halley.Variables["HALLEY_PROGRESS_FPS"] = "60";
    }

    public void Dispose()
    {
        _halley.Dispose();
        _tree.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Every_message_has_the_members_of_restic()
    {
        var made = BackupTests.Json(await _halley.RunAsync("init", "--json"))[0];
        AssertHas(made, "message_type", "id", "repository");

        var backup = await _halley.TryAsync("backup", "--json", "-vv", _tree.Path, _tree["missing"]);
        Assert.Equal(3, backup.ExitCode);
        var messages = BackupTests.Json(backup);
        Assert.All(messages.Where(message => TypeOf(message) == "status"), status => AssertHas(
            status, "seconds_elapsed", "percent_done", "files_done", "bytes_done", "error_count", "current_files"));
        AssertHas(messages.First(message => TypeOf(message) == "verbose_status"), "action", "item", "data_size");
        var summary = messages[^1];
        AssertHas(
            summary, "files_new", "files_changed", "files_unmodified", "dirs_new", "dirs_changed", "dirs_unmodified", "data_blobs",
            "tree_blobs", "data_added", "data_added_packed", "total_files_processed", "total_bytes_processed", "total_duration",
            "backup_start", "backup_end", "snapshot_id");
        Assert.Equal(6, summary.GetProperty("files_new").GetInt32());
        var error = JsonDocument.Parse(backup.StandardError).RootElement;
        Assert.Equal(
            ("error", "archival", _tree["missing"]),
            (TypeOf(error), error.GetProperty("during").GetString(), error.GetProperty("item").GetString()));
        AssertHas(error.GetProperty("error"), "message");

        var id = summary.GetProperty("snapshot_id").GetString()!;
        var snapshot = Assert.Single(BackupTests.Json(await _halley.RunAsync("snapshots", "--json"))[0].EnumerateArray());
        AssertHas(snapshot, "time", "tree", "paths", "hostname", "username", "program_version", "summary", "id", "short_id");
        Assert.Equal((id, id[..8]), (snapshot.GetProperty("id").GetString(), snapshot.GetProperty("short_id").GetString()));

        var listed = BackupTests.Json(await _halley.RunAsync("ls", "--json", id));
        Assert.Equal(("snapshot", "snapshot"), (TypeOf(listed[0]), listed[0].GetProperty("struct_type").GetString()));
        var letter = listed.Single(node => node.TryGetProperty("path", out var path) && path.GetString() == _tree["letter.txt"]);
        AssertHas(letter, "message_type", "struct_type", "name", "type", "uid", "gid", "size", "mode", "permissions", "mtime", "atime",
            "ctime", "inode");
        Assert.Equal(("file", "-rw-------"), (letter.GetProperty("type").GetString(), letter.GetProperty("permissions").GetString()));
        Assert.Equal(9, letter.GetProperty("size").GetInt32());

        var restored = BackupTests.Json(await _halley.RunAsync("restore", "--json", id, "-t", _directory["target"]))[^1];
        Assert.Equal("summary", TypeOf(restored));
        AssertHas(restored, "seconds_elapsed", "total_files", "files_restored", "files_skipped", "total_bytes", "bytes_restored",
            "bytes_skipped");

        var check = BackupTests.Json(await _halley.RunAsync("check", "--json"))[^1];
        Assert.Equal(
            ("summary", 0, false),
            (TypeOf(check), check.GetProperty("num_errors").GetInt32(), check.GetProperty("suggest_repair_index").GetBoolean()));

        var key = BackupTests.Json(await _halley.RunAsync("key", "list", "--json"))[0][0];
        AssertHas(key, "current", "id", "userName", "hostName", "created");
        AssertHas(BackupTests.Json(await _halley.RunAsync("version", "--json"))[0], "message_type", "version", "go_os", "go_arch");
    }

    [Fact]
    public async Task Error_that_ends_the_command_is_a_message_on_standard_error()
    {
        var run = await _halley.TryAsync("snapshots", "--json");

        Assert.Empty(run.StandardOutput);
        var error = JsonDocument.Parse(run.StandardError).RootElement;
        Assert.Equal(("exit_error", 10), (TypeOf(error), error.GetProperty("code").GetInt32()));
        Assert.Contains("halley init", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static string? TypeOf(JsonElement message) => message.GetProperty("message_type").GetString();

    private static void AssertHas(JsonElement message, params string[] members) =>
        Assert.All(members, member => Assert.True(message.TryGetProperty(member, out _), $"{member} is not in {message}"));
}
