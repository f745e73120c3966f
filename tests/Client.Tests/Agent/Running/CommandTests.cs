using Halley.Client.Agent.Running;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>The commands of a server about vaults and files, from the arguments to the answer.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private TestAgent _agent = null!;
    private string _snapshot = "";

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        _agent.AddFile("a.txt", "first");
        _agent.AddFile("sub/B.log", "second file");
        _snapshot = (await _agent.BackUpAsync()).SnapshotID;
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Stored_files_are_listed_folder_by_folder()
    {
        var tree = "";
        foreach (var name in _agent.Source.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var folder = Assert.Single(await ListAsync(tree));
            Assert.Equal((name, "dir"), (folder.Name, folder.Type));
            tree = folder.Subtree;
        }

        var entries = await ListAsync(tree);

        Assert.Equal([("a.txt", "file", 5UL), ("sub", "dir", 0UL)], entries.Select(entry => (entry.Name, entry.Type, entry.Size)));
        Assert.Equal("B.log", Assert.Single(await ListAsync(entries[1].Subtree)).Name);
        Assert.True(entries[0].ModifyTime > 0 && entries[0].Subtree.Length == 0);
    }

    [Theory]
    [InlineData("name", "str_endswith_ci", ".LOG", "B.log")]
    [InlineData("SearchResultFileInfo.path", "str_regexmatch", "/sub/.*o", "B.log")]
    [InlineData("size", "int_lte", "5", "a.txt")]
    [InlineData("name", "str_nstartswith", "a", "B.log")]
    public async Task Search_finds_the_files_that_a_clause_matches(string field, string rule, string value, string name)
    {
        var filter = new SearchClause
        {
            ClauseType = "and",
            ClauseChildren =
            [
                new() { RuleField = "type", RuleOperator = "str_eq", RuleValue = "file" },
                new() { RuleField = field, RuleOperator = rule, RuleValue = value },
            ],
        };

        var found = await _agent.AnswerAsync(CommandCatalog.SearchSnapshots, new(TestAgent.VaultId, [_snapshot], filter));

        var file = Assert.Single(Assert.Single(found).Value);
        Assert.Equal((name, "file", "0644"), (file.Name, file.Type, file.Mode));
        Assert.StartsWith(_agent.Source, file.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1000, true)]
    public async Task Search_says_when_it_does_not_list_all_files(int most, bool isAll)
    {
        var options = new JobRunnerOptions
        {
            State = _agent.State,
            History = _agent.History,
            ReadProfile = _agent.Options.ReadProfile,
            FindProfile = _agent.Options.FindProfile,
            Account = _agent.Options.Account,
            Http = _agent.Options.Http,
            CacheDirectory = _agent.Options.CacheDirectory,
            ClientVersion = _agent.Options.ClientVersion,
            ShowsFileNames = () => true,
            MostFound = most,
        };
        var arguments = CommandCatalog.SearchSnapshots.Write(new(TestAgent.VaultId, [_snapshot], new()));

        var report = await new CommandHandlers(new JobRunner(options), options).RunAsync(
            new DeviceCommand(Guid.NewGuid(), CommandCatalog.SearchSnapshots.Name, arguments, DateTime.MaxValue), CancellationToken.None);

        var found = CommandCatalog.SearchSnapshots.ReadAnswer(report.Answer).Single().Value;
        Assert.Equal((CommandStates.Done, isAll), (report.State, found.Count > 2));
        Assert.Equal(isAll ? "" : "Only the first 2 files are listed. Search more narrowly to see the others.", report.Message);
    }

    [Theory]
    [InlineData("color", "str_eq")]
    [InlineData("name", "str_like")]
    [InlineData("name", "int_gt")]
    [InlineData("name", "str_regexmatch")]
    public async Task Search_that_makes_no_sense_is_refused(string field, string rule)
    {
        var filter = new SearchClause { RuleField = field, RuleOperator = rule, RuleValue = "(" };

        var report = await _agent.CommandAsync(CommandCatalog.SearchSnapshots, new(TestAgent.VaultId, [_snapshot], filter));

        Assert.Equal("invalid_arguments", report.Code);
    }

    [Fact]
    public async Task Device_is_browsed_from_its_root()
    {
        var root = Assert.Single(await _agent.AnswerAsync(CommandCatalog.BrowseFiles, new()));
        Assert.Equal(("/", "dir"), (root.Subtree, root.Type));

        var entries = await _agent.AnswerAsync(CommandCatalog.BrowseFiles, new(_agent.Source));
        var failed = await _agent.CommandAsync(CommandCatalog.BrowseFiles, new(_agent["gone"]));
        _agent.Profile.LinuxHomedirSandbox = true;
        var refused = await _agent.CommandAsync(CommandCatalog.BrowseFiles, new("/etc"));

        Assert.Equal(
            [("a.txt", "file", ""), ("sub", "dir", Path.Combine(_agent.Source, "sub"))],
            entries.Select(entry => (entry.Name, entry.Type, entry.Subtree)));
        Assert.Equal(("folder_unreadable", "not_allowed"), (failed.Code, refused.Code));
    }

    [Fact]
    public async Task Names_of_files_are_refused_while_the_user_hides_them()
    {
        _agent.ShowsFileNames = false;

        var reports = new[]
        {
            await _agent.CommandAsync(CommandCatalog.BrowseFiles, new("/")),
            await _agent.CommandAsync(CommandCatalog.ListStored, new(TestAgent.VaultId, _snapshot)),
            await _agent.CommandAsync(CommandCatalog.SearchSnapshots, new(TestAgent.VaultId, [_snapshot], new())),
        };

        Assert.All(reports, report => Assert.Equal((CommandStates.Failed, "filenames_not_allowed"), (report.State, report.Code)));
        Assert.Single(await _agent.AnswerAsync(CommandCatalog.ListSnapshots, new(TestAgent.VaultId)));
    }

    [Fact]
    public async Task Single_snapshots_are_deleted_where_the_policy_allows_it()
    {
        _agent.Profile.Policy.PreventDeleteSingleSnapshots = true;
        var refused = await _agent.CommandAsync(CommandCatalog.DeleteSnapshots, new(TestAgent.VaultId, [_snapshot]));
        _agent.Profile.Policy.PreventDeleteSingleSnapshots = false;
        var done = await RunAsync(CommandCatalog.DeleteSnapshots, new SnapshotsArguments(TestAgent.VaultId, [_snapshot]));

        Assert.Equal("not_allowed", refused.Code);
        Assert.Equal((JobClassification.DeleteSnapshot, JobStatus.Success), (done.Classification, done.Status));
        Assert.Empty(await _agent.AnswerAsync(CommandCatalog.ListSnapshots, new(TestAgent.VaultId)));
    }

    [Fact]
    public async Task Index_that_was_lost_is_rebuilt_and_damage_is_found()
    {
        Directory.Delete(Path.Combine(_agent.TheVault.LocalcopyPath, "index"), recursive: true);
        var reindex = await RunAsync(CommandCatalog.ReindexVault, new VaultArguments(TestAgent.VaultId));
        var whole = await RunAsync(CommandCatalog.VerifyVault, new VaultArguments(TestAgent.VaultId));
        var pack = Directory.GetFiles(Path.Combine(_agent.TheVault.LocalcopyPath, "data"), "*", SearchOption.AllDirectories)[0];
        File.Delete(pack);
        var damaged = await RunAsync(CommandCatalog.VerifyVault, new VaultArguments(TestAgent.VaultId));

        Assert.Equal((JobClassification.Reindex, JobStatus.Success), (reindex.Classification, reindex.Status));
        Assert.True(whole.Status == JobStatus.Success, _agent.LogOf(whole));
        Assert.Equal((JobClassification.DeepVerify, JobStatus.Error), (damaged.Classification, damaged.Status));
        Assert.Contains(Path.GetFileName(pack), _agent.LogOf(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_of_others_are_removed_when_that_is_asked_for()
    {
        using var vault = await _agent.OpenVaultAsync();
        await using var held = (await vault.LockAsync(isExclusive: true, CancellationToken.None)).Lock!;

        var stale = await RunAsync(CommandCatalog.UnlockVault, new UnlockArguments(TestAgent.VaultId));
        Assert.Single(await vault.ListLocksAsync(CancellationToken.None));
        var all = await RunAsync(CommandCatalog.UnlockVault, new UnlockArguments(TestAgent.VaultId, AllowUnsafe: true));

        Assert.Empty(await vault.ListLocksAsync(CancellationToken.None));
        Assert.Equal((JobStatus.Success, JobClassification.Unlock), (stale.Status, all.Classification));
    }

    [Fact]
    public async Task Destination_is_tested_from_the_device()
    {
        var here = new DestinationLocation { DestinationType = DestinationTypes.LocalPath, LocalcopyPath = _agent.Source };
        var gone = new DestinationLocation { DestinationType = DestinationTypes.LocalPath, LocalcopyPath = _agent["gone"] };
        var cloud = new DestinationLocation { DestinationType = DestinationTypes.Azure };

        Assert.Equal(CommandStates.Done, (await _agent.CommandAsync(CommandCatalog.PingDestination, new(here))).State);
        Assert.Equal("vault_unavailable", (await _agent.CommandAsync(CommandCatalog.PingDestination, new(gone))).Code);
        Assert.Equal("not_supported", (await _agent.CommandAsync(CommandCatalog.PingDestination, new(cloud))).Code);
    }

    [Fact]
    public async Task Unknown_things_and_unreadable_arguments_are_refused_with_their_code()
    {
        var other = new string('0', 64);
        var commands = new (Task<CommandReport> Report, string Code)[]
        {
            (_agent.CommandAsync(CommandCatalog.RunRule, new("no-rule")), "unknown_rule"),
            (_agent.CommandAsync(CommandCatalog.ListSnapshots, new("no-vault")), "unknown_vault"),
            (_agent.CommandAsync(CommandCatalog.ListStored, new(TestAgent.VaultId, other)), "unknown_snapshot"),
            (_agent.CommandAsync(CommandCatalog.DeleteSnapshots, new(TestAgent.VaultId, ["latest"])), "unknown_snapshot"),
            (_agent.CommandAsync(CommandCatalog.TestShare, new(new WinSMBAuth())), "not_supported"),
            (
                _agent.Handlers.RunAsync(new(Guid.NewGuid(), "run-rule", "{}", DateTime.MaxValue), CancellationToken.None),
                "invalid_arguments"),
        };
        foreach (var (report, code) in commands)
        {
            Assert.Equal(code, (await report).Code);
        }
    }

    private Task<List<StoredObject>> ListAsync(string tree) =>
        _agent.AnswerAsync(CommandCatalog.ListStored, new(TestAgent.VaultId, _snapshot, tree));

    // The command is done when its job has started.
    private async Task<BackupJobDetail> RunAsync<TArguments>(CommandKind<TArguments> kind, TArguments arguments)
        where TArguments : class
    {
        Assert.Equal(CommandStates.Done, (await _agent.CommandAsync(kind, arguments)).State);
        return await _agent.EndOfAsync(Guid.Parse(_agent.History.Archive.Read().First().GUID));
    }
}
