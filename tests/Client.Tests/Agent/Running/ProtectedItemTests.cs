using Halley.Client.Agent.Running;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Jobs;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>What a backup takes in is what the settings of the protected item say.</summary>
public sealed class ProtectedItemTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        foreach (var name in new[] { "a.txt", "b.log", "sub/c.txt", "sub/d.log", "sub/deep/e.txt", "cache/f.txt", "secret/g.txt" })
        {
            _agent.AddFile(name, name);
        }
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Inclusions_are_backed_up_without_what_globs_and_expressions_exclude()
    {
        Set(("INCLUDE-0", _agent.Source), ("EXCLUDE-0", "*.log"), ("EXCLUDE-1", "cache"), ("REXCLUDE-0", "/secret(/|$)"));

        Assert.Equal("a.txt sub/c.txt sub/deep/e.txt", await BackUpAsync());
    }

    [Fact]
    public async Task Partial_inclusions_take_only_what_matches_and_whole_ones_everything()
    {
        Set(
            ("PINCLUDE-0", Partial("sub", "*.txt")), ("RINCLUDE-0", Partial("", @"^/secret/g\.t.t$")),
            ("INCLUDE-0", Path.Combine(_agent.Source, "cache")));

        Assert.Equal("cache/f.txt secret/g.txt sub/c.txt sub/deep/e.txt", await BackUpAsync());
    }

    [Fact]
    public async Task What_the_policy_excludes_is_never_backed_up_not_even_when_it_is_included_by_name()
    {
        _agent.Profile.Policy.FileAndFolderMandatoryExclusions =
        [
            new() { Exclude = "secret" }, new() { Exclude = @"\.log$", Regex = true, RestrictOS = 5 },
            new() { Exclude = "*.txt", RestrictOS = 1 }, // of Windows
        ];
        Set(("INCLUDE-0", _agent.Source), ("INCLUDE-1", Path.Combine(_agent.Source, "secret", "g.txt")));

        Assert.Equal("a.txt cache/f.txt sub/c.txt sub/deep/e.txt", await BackUpAsync(JobStatus.Warning));
    }

    [Fact]
    public async Task Limit_to_home_directories_leaves_out_the_rest_and_sees_through_links()
    {
        _agent.Profile.LinuxHomedirSandbox = true;
        var link = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), $"halley-test-{Guid.NewGuid():N}");
        Directory.CreateSymbolicLink(link, _agent.Source);
        try
        {
            Set(("INCLUDE-0", _agent.Source), ("INCLUDE-1", link));
            var job = await _agent.BackUpAsync();

            Assert.Equal(JobStatus.Error, job.Status);
            Assert.Equal(2, _agent.LogOf(job).Split("outside of the home directories").Length - 1);
        }
        finally
        {
            File.Delete(link);
        }
    }

    [Theory]
    [InlineData("REXCLUDE-0", "(")]
    [InlineData("EXCLUDE-0", "[a")]
    [InlineData("PINCLUDE-0", """{"TopDirectory":"/home"}""")]
    public async Task Setting_that_cannot_be_read_fails_the_job_rather_than_back_up_too_much(string name, string value)
    {
        Set(("INCLUDE-0", _agent.Source), (name, value));

        var job = await _agent.BackUpAsync();

        Assert.Equal((JobStatus.Error, ""), (job.Status, job.SnapshotID));
    }

    [Fact]
    public async Task Rescan_reads_files_that_seem_unchanged()
    {
        var file = _agent.AddFile("a.txt", "first");
        var time = File.GetLastWriteTimeUtc(file);
        await BackUpAsync();
        Set(("INCLUDE-0", _agent.Source), ("RESCAN_UNCHANGED", "0"), ("USE_WIN_VSS", "1"));

        var options = FileItem.OptionsOf(_agent.TheItem, _agent.Profile, (_, _) => { });

        Assert.True(options.ReadsEverything);
        Assert.Equal([_agent.Source], options.Paths);
        File.SetLastWriteTimeUtc(file, time);
        Assert.Equal(JobStatus.Success, (await _agent.BackUpAsync()).Status);
    }

    [Fact]
    public async Task Output_of_programs_becomes_files_of_their_names()
    {
        _agent.AddItem(
            TestAgent.ItemId, ProgramItem.Engine, ("COMMAND", "echo main; pwd"), ("WORKDIR", _agent.Source), ("SAVEAS", "dump.sql"),
            ("EXTRACOMMAND-1", """["echo further", "", "more.txt"]"""));

        var job = await _agent.BackUpAsync();

        Assert.Equal((JobStatus.Success, 2L), (job.Status, job.TotalFiles));
        using var vault = await _agent.OpenVaultAsync();
        var files = await TestVault.ReadAllAsync(vault);
        Assert.Equal($"main\n{_agent.Source}\n", System.Text.Encoding.UTF8.GetString(files["/dump.sql"]));
        Assert.Equal("further\n", System.Text.Encoding.UTF8.GetString(files["/more.txt"]));
    }

    [Fact]
    public async Task Program_that_fails_makes_no_snapshot_and_what_it_says_is_in_the_log()
    {
        _agent.AddItem(TestAgent.ItemId, ProgramItem.Engine, ("COMMAND", "echo half; echo no database >&2; exit 3"));

        var job = await _agent.BackUpAsync();

        Assert.Equal((JobStatus.Error, ""), (job.Status, job.SnapshotID));
        Assert.Contains("W no database", _agent.LogOf(job), StringComparison.Ordinal);
        Assert.Contains("E The command exited with 3", _agent.LogOf(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_types_of_items_are_a_clear_error()
    {
        _agent.AddItem(TestAgent.ItemId, "engine1/mssql", ("INSTANCE", "x"));

        var job = await _agent.BackUpAsync();

        Assert.Equal(JobStatus.Error, job.Status);
        Assert.Contains("cannot back up items of type engine1/mssql", _agent.LogOf(job), StringComparison.Ordinal);
    }

    private void Set(params (string Name, string Value)[] properties) => _agent.AddItem(TestAgent.ItemId, FileItem.Engine, properties);

    private string Partial(string directory, string value)
    {
        var quoted = value.Replace(@"\", @"\\", StringComparison.Ordinal);
        return $$"""{"TopDirectory":"{{Path.Combine(_agent.Source, directory)}}","Value":"{{quoted}}"}""";
    }

    // The names of the files from the folder on.
    private async Task<string> BackUpAsync(JobStatus status = JobStatus.Success)
    {
        var job = await _agent.BackUpAsync();
        Assert.True(status == job.Status, _agent.LogOf(job));
        using var vault = await _agent.OpenVaultAsync();
        var files = await TestVault.ReadAllAsync(vault);
        return string.Join(' ', files.Keys.Select(path => path[(_agent.Source.Length + 1)..]).Order(StringComparer.Ordinal));
    }
}
