using Halley.Client.Repository;

namespace Halley.Cli.Tests;

/// <summary>How the command ends, and what it says then: one line, no secret, no stack trace.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private const string Password = "password of the vault";

    private readonly TemporaryDirectory _directory = new();
    private readonly SampleTree _tree = new();
    private readonly HalleyProgram _halley;

    public ExitCodeTests() => _halley = new HalleyProgram(_directory["vault"], Password);

    public void Dispose()
    {
        _halley.Dispose();
        _tree.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Place_without_a_vault_is_10_and_nothing_is_made_there()
    {
        await AssertFailsAsync(10, "halley init", "snapshots");
        Assert.False(Directory.Exists(_directory["vault"]));
    }

    [Fact]
    public async Task Wrong_password_is_12_and_a_second_vault_is_not_made_over_the_first()
    {
        using var vault = await CreateAsync();
        _halley.Variables["HALLEY_PASSWORD"] = "another";

        await AssertFailsAsync(12, "No key file of the vault opens", "ls", "latest");
        await AssertFailsAsync(1, "A vault already exists at", "init");
    }

    [Fact]
    public async Task Vault_that_another_program_has_for_itself_is_11_unless_no_lock_is_asked_for()
    {
        using var vault = await CreateAsync();
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock;

        await AssertFailsAsync(11, "is locked by", "backup", _tree.Path);
        await AssertFailsAsync(11, "is locked by", "snapshots");
        await _halley.RunAsync("snapshots", "--no-lock");
    }

    [Fact]
    public async Task Command_waits_for_a_lock_as_long_as_it_is_told()
    {
        using var vault = await CreateAsync();
        var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;
        await using var waiting = _halley.Start("snapshots", "--retry-lock", "5m", "-v");
        await waiting.WaitUntilAsync(
            "it waits", TimeSpan.FromMinutes(1), () => Task.FromResult(waiting.Output.Contains("waiting", StringComparison.Ordinal)));
        await held.DisposeAsync();

        Assert.Equal(0, await waiting.WaitForExitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("0 snapshots", waiting.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_that_nobody_can_type_is_asked_for_by_the_option_that_takes_it()
    {
        using var vault = await CreateAsync();
        await AssertFailsAsync(1, "--new-password-file", "key", "add");
        _halley.Variables["HALLEY_PASSWORD"] = "";

        await AssertFailsAsync(1, "Set HALLEY_PASSWORD", "snapshots");
    }

    [Fact]
    public async Task Missing_source_is_3_and_the_rest_is_backed_up()
    {
        using var vault = await CreateAsync();

        var run = await _halley.TryAsync("backup", _tree.Path, _tree["missing"]);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"{_tree["missing"]}: does not exist", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("saved", run.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_is_130_and_leaves_neither_lock_nor_snapshot()
    {
        using var vault = await CreateAsync();
        await using var backup = _halley.Start("backup", "--stdin-from-command", "--", "sleep", "300");
        await backup.WaitUntilAsync("it holds a lock", TimeSpan.FromMinutes(1), () => Task.FromResult(FilesIn("locks").Length == 1));

        Assert.Equal(130, await backup.StopAsync());

        Assert.Empty(FilesIn("locks"));
        Assert.Empty(FilesIn("snapshots"));
        Assert.Contains("Interrupted", backup.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unknown argument 'frob'. See `halley --help`.", "frob")]
    [InlineData("No command was given. See `halley --help`.")]
    [InlineData("No command was given. See `halley key --help`.", "key")]
    [InlineData("Unknown option --frob. See `halley backup --help`.", "backup", "--frob", "x")]
    [InlineData("'x' is not a duration. Write it like 90s, 5m or 1h30m.", "snapshots", "--retry-lock", "x")]
    [InlineData("Vaults on s3 cannot be opened yet.", "-r", "s3:bucket", "snapshots")]
    [InlineData("'sometimes' is not a value of --overwrite.", "restore", "latest", "-t", "x", "--overwrite", "sometimes")]
    public async Task Command_line_that_makes_no_sense_is_1(string message, params string[] arguments)
    {
        using var vault = await CreateAsync();
        await AssertFailsAsync(1, message, arguments);
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_1_and_the_key_is_never_shown()
    {
        var port = FreePort.Take();
        _halley.Variables["HALLEY_REPOSITORY"] = $"rest:http://bucket:topsecret@127.0.0.1:{port}/vault/bucket/";

        var run = await AssertFailsAsync(1, "Check the address and that the server is running", "snapshots", "-vv");

        Assert.DoesNotContain("topsecret", run.Output, StringComparison.Ordinal);
    }

    private async Task<ProgramRun> AssertFailsAsync(int exitCode, string message, params string[] arguments)
    {
        var run = await _halley.TryAsync(arguments);

        Assert.Equal(exitCode, run.ExitCode);
        var last = run.StandardError.TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith("halley: ", last, StringComparison.Ordinal);
        Assert.Contains(message, last, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, run.Output, StringComparison.Ordinal);
        return run;
    }

    private Task<Vault> CreateAsync() => SampleVault.CreateAsync(_directory["vault"], Password);

    private string[] FilesIn(string collection) =>
        Directory.Exists(_directory["vault", collection]) ? Directory.GetFiles(_directory["vault", collection]) : [];
}
