namespace Halley.Cli.Tests;

/// <summary>halley and unmodified restic on one vault.</summary>
public sealed class BothProgramsTests : IDisposable
{
    private const string Password = "password of the vault";

    private readonly TemporaryDirectory _directory = new();
    private readonly SampleTree _tree = new();

    private string Vault => _directory["vault"];

    public void Dispose()
    {
        _tree.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Vault_of_halley_is_checked_restored_and_used_by_restic_and_back()
    {
        using var halley = new HalleyProgram(Vault, Password);
        using var restic = new Restic(Vault, Password);

        await halley.RunAsync("init");
        Assert.Contains("saved", (await halley.RunAsync("backup", _tree.Path)).Output, StringComparison.Ordinal);
        await restic.RunAsync("check", "--read-data");
        await restic.RunAsync("restore", "latest", "--target", _directory["by-restic"]);
        await File.WriteAllTextAsync(_tree["letter.txt"], "Dear Berta");
        var second = await restic.RunAsync("backup", _tree.Path);
        await halley.RunAsync("restore", "latest", "--target", _directory["by-halley"]);
        var list = await halley.RunAsync("snapshots");
        var check = await halley.RunAsync("check", "--read-data");

        Assert.Matches("Files: +0 new, +1 changed, +[1-9]", second.StandardOutput);
        Assert.Contains("2 snapshots", list.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("The vault is whole.", check.StandardOutput, StringComparison.Ordinal);
        Assert.Equal("Dear Anna", await File.ReadAllTextAsync(_directory["by-restic"] + _tree["letter.txt"]));
        Assert.Equal(await SampleTree.DescribeAsync(_tree.Path), await SampleTree.DescribeAsync(_directory["by-halley"] + _tree.Path));
    }

    [Fact]
    public async Task Vault_of_restic_is_listed_extended_and_restored_with_its_variables()
    {
        using var restic = new Restic(Vault, Password);
        await restic.RunAsync("init");
        await restic.RunAsync("backup", "--tag", "first", _tree.Path);
        using var halley = new HalleyProgram("", "");
        halley.Variables["RESTIC_REPOSITORY"] = Vault;
        halley.Variables["RESTIC_PASSWORD_FILE"] = _directory.File("password", $"{Password}\n");

        var listed = await halley.RunAsync("ls", "latest", _tree.Path);
        var backup = await halley.RunAsync("backup", _tree.Path);
        await halley.RunAsync("restore", $"latest:{_tree.Path}/sub", "--target", _directory["part"]);
        await restic.RunAsync("check", "--read-data");

        Assert.Contains($"\n{_tree.Path}/letter.txt\n", listed.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("old.tmp", listed.StandardOutput, StringComparison.Ordinal);
        Assert.Matches("Files: +0 new, +0 changed, +[1-9]", backup.StandardOutput);
        Assert.Equal(await SampleTree.DescribeAsync(_tree["sub"]), await SampleTree.DescribeAsync(_directory["part"]));
    }

    [Fact]
    public async Task Passwords_are_added_changed_removed_and_exported()
    {
        using var halley = new HalleyProgram(Vault, Password);
        await halley.RunAsync("init");
        await halley.RunAsync("backup", _tree.Path);

        await halley.RunAsync("key", "add", "--new-password-file", _directory.File("second", "second"));
        using var second = new Restic(Vault, "second");
        await second.RunAsync("snapshots");
        await halley.RunAsync("key", "passwd", "--new-password-file", _directory.File("third", "it's the third"));
        using var third = new HalleyProgram(Vault, "it's the third");
        var export = await third.RunAsync("key", "export");
        var keys = (await third.RunAsync("key", "list")).StandardOutput.Split('\n');
        var current = keys.Single(line => line.StartsWith('*')).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var other = keys.Single(line => line.StartsWith("   ", StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal));
        var inUse = await third.TryAsync("key", "remove", current);
        await third.RunAsync("key", "remove", other.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);

        Assert.Equal(12, (await halley.TryAsync("snapshots")).ExitCode);
        Assert.Equal(1, inUse.ExitCode);
        Assert.NotEqual(0, (await second.TryAsync("snapshots")).ExitCode);
        var script = string.Join(
            '\n', export.StandardOutput.Split('\n').Where(line => line.StartsWith("export ", StringComparison.Ordinal)));
        var restic = await ExternalProgram.RunAsync(
            Tools.Require("bash", "bash"), ["-e", "-c", $"{script}\n{Tools.Require("restic", "restic")} --no-cache snapshots"]);
        Assert.Contains(_tree.Path, restic.EnsureSuccess().StandardOutput, StringComparison.Ordinal);
    }
}
