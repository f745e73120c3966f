using System.Diagnostics;
using Halley.Client.Accounts;
using Halley.Client.Agent.Running;
using Halley.Client.Tests.Repository;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;

namespace Halley.Client.Tests.Agent.Running;

/// <summary>A backup as a job: its numbers, the commands around it, its limits and its ends.</summary>
public sealed class BackupJobTests : IAsyncLifetime
{
    private const string Rule = "rule-1";

    private TestAgent _agent = null!;

    private string Trace => _agent["trace"];

    public async Task InitializeAsync()
    {
        _agent = await TestAgent.CreateAsync();
        _agent.AddFile("a.txt", "first");
        _agent.AddFile("sub/b.txt", "second");
    }

    public Task DisposeAsync()
    {
        _agent.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Job_has_the_numbers_of_the_backup_and_the_snapshot_the_item()
    {
        var job = await _agent.BackUpAsync(new() { Tags = "weekly, office" });

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal(
            (JobClassification.Backup, TestAgent.ItemId, TestAgent.VaultId, "weekly, office", 2L, 11L, 2L),
            (job.Classification, job.SourceGUID, job.DestinationGUID, job.Tags, job.TotalFiles, job.TotalSize, job.TotalChunks));
        Assert.True(job.UploadSize > 0 && job.TotalDirectories > 0 && job.EndTime >= job.StartTime);
        var files = new DirectoryInfo(_agent.TheVault.LocalcopyPath).EnumerateFiles("*", SearchOption.AllDirectories);
        Assert.Equal(files.Sum(file => file.Length), job.DestinationSizeEnd.Size);
        Assert.InRange(job.DestinationSizeStart.Size, 1, job.DestinationSizeEnd.Size - 1);
        var snapshot = Assert.Single(await _agent.AnswerAsync(CommandCatalog.ListSnapshots, new(TestAgent.VaultId)));
        Assert.Equal(
            (job.SnapshotID, TestAgent.ItemId, FileItem.Engine, true),
            (snapshot.Snapshot, snapshot.Source, snapshot.EngineType, snapshot.HasOriginalPathInfo));
        Assert.Equal(["weekly", "office"], snapshot.Tags);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("w", false)]
    [InlineData("warning", false)]
    [InlineData("loud", true)]
    public async Task Log_has_the_lines_that_the_log_level_asks_for_and_the_status_counts_all(string level, bool hasInfo)
    {
        _agent.TheItem.PreExec.Add("echo a problem >&2");

        var job = await _agent.BackUpAsync(new() { LogLevel = level, UseOnDiskIndexes = true });

        var log = _agent.LogOf(job);
        Assert.Equal(JobStatus.Warning, job.Status);
        Assert.Contains("a problem", log, StringComparison.Ordinal);
        Assert.Equal(hasInfo, log.Contains("I The option UseOnDiskIndexes has no effect", StringComparison.Ordinal));
        Assert.Equal(hasInfo, log.Contains("I Snapshot ", StringComparison.Ordinal));
        Assert.Equal(level == "loud", log.Contains("LogLevel 'loud' is not known", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_of_item_vault_and_rule_run_around_the_backup_in_their_order()
    {
        SetCommands(_agent.TheItem.PreExec, _agent.TheItem.ThawExec, _agent.TheItem.PostExec, "item");
        SetCommands(_agent.TheVault.PreExec, _agent.TheVault.ThawExec, _agent.TheVault.PostExec, "vault");
        var rule = AddRule();
        SetCommands(rule.PreExec, rule.ThawExec, rule.PostExec, "rule");
        _agent.AddItem("program", ProgramItem.Engine, ("COMMAND", $"echo backup >> {Trace}; echo output"));
        var (item, program) = (_agent.TheItem, _agent.Profile.Sources["program"]);
        (program.PreExec, program.ThawExec, program.PostExec) = (item.PreExec, item.ThawExec, item.PostExec);
        rule.Source = "program";

        var job = await _agent.EndOfAsync(await _agent.Runner.StartRuleAsync(Rule, retryCount: 2, CancellationToken.None));

        Assert.True(job.Status == JobStatus.Success, _agent.LogOf(job));
        Assert.Equal((Rule, 2L), (job.BackupRuleGUID, job.RetryCount));
        Assert.Equal(
            [
                "before item", "before vault", "before rule", "backup", "thaw item", "thaw vault", "thaw rule", "after rule", "after vault",
                "after item",
            ],
            await File.ReadAllLinesAsync(Trace));
    }

    [Theory]
    [InlineData("echo trouble >&2", "W trouble")]
    [InlineData("exit 4", "W The before command exited with 4: exit 4")]
    [InlineData("/no/such/program", "not found")]
    public async Task Command_that_writes_to_standard_error_or_fails_is_a_warning_and_the_backup_is_made(string command, string line)
    {
        _agent.TheItem.PreExec.Add(command);

        var job = await _agent.BackUpAsync();

        Assert.Equal(JobStatus.Warning, job.Status);
        Assert.NotEmpty(job.SnapshotID);
        Assert.Contains(line, _agent.LogOf(job), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo fine")]
    [InlineData("(echo trouble >&2; exit 3) 2>&1; exit 0")]
    public async Task Command_without_trouble_or_whose_trouble_is_suppressed_is_no_warning(string command)
    {
        _agent.TheItem.PreExec.Add(command);

        Assert.Equal(JobStatus.Success, (await _agent.BackUpAsync()).Status);
    }

    [Fact]
    public async Task Command_that_leaves_a_service_running_ends_all_the_same()
    {
        _agent.TheItem.PostExec.Add($"sleep 1000 & echo $! > {Trace}");

        var job = await _agent.BackUpAsync();

        Assert.Equal(JobStatus.Success, job.Status);
        using var service = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Trace), null));
        service.Kill();
    }

    [Fact]
    public async Task Commands_after_a_backup_that_failed_run_all_the_same()
    {
        SetCommands(_agent.TheItem.PreExec, _agent.TheItem.ThawExec, _agent.TheItem.PostExec, "item");
        File.Delete(Path.Combine(_agent.TheVault.LocalcopyPath, "config"));

        var job = await _agent.BackUpAsync();

        Assert.Equal(JobStatus.Error, job.Status);
        Assert.Contains("There is no vault in", _agent.LogOf(job), StringComparison.Ordinal);
        Assert.Equal(["before item", "after item"], await File.ReadAllLinesAsync(Trace));
    }

    [Fact]
    public async Task Cancelled_job_ends_at_once_with_its_programs_and_makes_no_snapshot()
    {
        var job = await StartEndlessAsync();
        var detail = _agent.History.FindRunning(job)!.Read();
        var wrong = await _agent.CommandAsync(CommandCatalog.CancelJob, new CancelJobArguments(detail.GUID, "another"));
        Assert.Equal((CommandStates.Failed, "unknown_job"), (wrong.State, wrong.Code));

        var start = Stopwatch.GetTimestamp();
        var right = await _agent.CommandAsync(CommandCatalog.CancelJob, new CancelJobArguments(detail.GUID, detail.CancellationID));
        var ended = await _agent.EndOfAsync(job);

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        Assert.Equal(CommandStates.Done, right.State);
        Assert.Equal((JobStatus.Cancelled, ""), (ended.Status, ended.SnapshotID));
        Assert.Empty(await _agent.AnswerAsync(CommandCatalog.ListSnapshots, new(TestAgent.VaultId)));
        using var vault = await _agent.OpenVaultAsync();
        Assert.Empty(await vault.ListLocksAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Job_that_takes_longer_than_allowed_times_out()
    {
        _agent.AddItem(TestAgent.ItemId, ProgramItem.Engine, ("COMMAND", "sleep 1000"));

        var job = await _agent.BackUpAsync(new() { StopAfter = 1 });

        Assert.Equal((JobStatus.TimedOut, ""), (job.Status, job.SnapshotID));
    }

    [Fact]
    public async Task Backup_is_skipped_while_one_of_the_same_item_runs_if_it_says_so()
    {
        var first = await StartEndlessAsync();

        var skipped = await _agent.BackUpAsync(new() { SkipAlreadyRunning = true });
        _agent.AddItem("other", FileItem.Engine, ("INCLUDE-1", _agent.Source));
        var other = await _agent.BackUpAsync(new() { SkipAlreadyRunning = true }, "other");

        Assert.Equal((JobStatus.Skipped, $"{first:D}"), (skipped.Status, skipped.ConflictingJobID));
        Assert.Equal(JobStatus.Success, other.Status);
        _agent.History.TryCancel(first, _agent.History.FindRunning(first)!.Read().CancellationID);
        await _agent.EndOfAsync(first);
    }

    [Fact]
    public async Task Policy_decides_whether_a_rule_is_skipped_and_the_caller_can_stop_it()
    {
        var first = await StartEndlessAsync();
        AddRule().SkipAlreadyRunning = false;
        _agent.Profile.Policy.ModeScheduleSkipAlreadyRunning = 3;
        var skipped = await _agent.Runner.RunRuleAsync(Rule, CancellationToken.None);
        _agent.Profile.Policy.ModeScheduleSkipAlreadyRunning = 4;
        using var stop = new CancellationTokenSource();
        var second = _agent.Runner.RunRuleAsync(Rule, stop.Token);
        await Eventually.HoldsAsync("both run", TimeSpan.FromSeconds(30), () => _agent.History.Running.Count == 2);
        await stop.CancelAsync();

        Assert.Equal((JobStatus.Skipped, JobStatus.Cancelled), (skipped, await second));
        _agent.History.TryCancel(first, _agent.History.FindRunning(first)!.Read().CancellationID);
        await _agent.EndOfAsync(first);
    }

    [Fact]
    public async Task Rule_that_cannot_be_begun_is_a_job_that_failed()
    {
        AddRule();
        _agent.ProfileProblem = new AccountException(AccountFault.WrongCredential, "The server no longer accepts the keys.");

        Assert.Equal(JobStatus.Error, await _agent.Runner.RunRuleAsync(Rule, CancellationToken.None));

        var job = Assert.Single(_agent.History.Archive.Read());
        Assert.Equal((JobStatus.Error, Rule), (job.Status, job.BackupRuleGUID));
        Assert.Equal((TestAgent.ItemId, TestAgent.VaultId), (job.SourceGUID, job.DestinationGUID));
        Assert.Contains("no longer accepts the keys", _agent.LogOf(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_without_files_fails_unless_that_is_allowed()
    {
        _agent.AddItem(TestAgent.ItemId, FileItem.Engine, ("INCLUDE-1", _agent["gone"]));
        var failed = await _agent.BackUpAsync();
        var allowed = await _agent.BackUpAsync(new() { AllowZeroFilesSuccess = true });

        Assert.Equal((JobStatus.Error, JobStatus.Success), (failed.Status, allowed.Status));
        Assert.Contains("None of the selected paths exists", _agent.LogOf(failed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quotas_of_the_vault_and_of_the_account_stop_a_backup()
    {
        (_agent.TheVault.StorageLimitEnabled, _agent.TheVault.StorageLimitBytes) = (true, 10);
        var ofVault = await _agent.BackUpAsync();
        _agent.TheVault.StorageLimitEnabled = false;
        (_agent.Profile.AllProtectedItemsQuotaEnabled, _agent.Profile.AllProtectedItemsQuotaBytes) = (true, 20);
        var fits = await _agent.BackUpAsync();
        _agent.AddItem("other", FileItem.Engine).Statistics.LastSuccessfulBackupJob.TotalSize = 10;
        var ofAccount = await _agent.BackUpAsync();

        Assert.Equal(
            [JobStatus.QuotaExceeded, JobStatus.Success, JobStatus.QuotaExceeded], new[] { ofVault.Status, fits.Status, ofAccount.Status });
        Assert.Equal("", ofVault.SnapshotID + ofAccount.SnapshotID);
    }

    [Fact]
    public async Task Names_of_files_are_not_in_the_log_while_the_user_hides_them()
    {
        _agent.AddItem(TestAgent.ItemId, FileItem.Engine, ("INCLUDE-1", _agent.Source), ("INCLUDE-2", _agent["gone-secret"]));
        var shown = await _agent.BackUpAsync();
        _agent.ShowsFileNames = false;
        var hidden = await _agent.BackUpAsync();

        Assert.Equal((JobStatus.Warning, JobStatus.Warning), (shown.Status, hidden.Status));
        Assert.Contains("gone-secret", _agent.LogOf(shown), StringComparison.Ordinal);
        Assert.DoesNotContain("gone-secret", _agent.LogOf(hidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Speed_limit_slows_the_upload()
    {
        await File.WriteAllBytesAsync(Path.Combine(_agent.Source, "random"), TestVault.Bytes(600_000, 1));
        var start = Stopwatch.GetTimestamp();

        var job = await _agent.BackUpAsync(new() { LimitVaultSpeedBps = 600_000 });

        Assert.Equal(JobStatus.Success, job.Status);
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(0.8));
    }

    [Theory]
    [InlineData("no-item", TestAgent.VaultId, "unknown_item")]
    [InlineData(TestAgent.ItemId, "no-vault", "unknown_vault")]
    [InlineData("foreign", TestAgent.VaultId, "other_device")]
    [InlineData(TestAgent.ItemId, "cloud", "not_supported")]
    public async Task Backup_that_cannot_be_begun_is_refused_and_makes_no_job(string item, string vault, string code)
    {
        _agent.AddItem("foreign", FileItem.Engine).OwnerDevice = "another";
        _agent.Profile.Destinations.Add("cloud", new() { DestinationType = DestinationTypes.BackblazeB2 });

        var report = await _agent.CommandAsync(CommandCatalog.RunBackup, new RunBackupArguments(item, vault));

        Assert.Equal((CommandStates.Failed, code), (report.State, report.Code));
        Assert.Empty(_agent.History.Archive.Read());
    }

    private void SetCommands(List<string> before, List<string> thaw, List<string> after, string level)
    {
        before.Add($"echo before {level} >> {Trace}");
        thaw.Add($"echo thaw {level} >> {Trace}");
        after.Add($"echo after {level} >> {Trace}");
    }

    private BackupRuleConfig AddRule()
    {
        var rule = new BackupRuleConfig { Source = TestAgent.ItemId, Destination = TestAgent.VaultId };
        _agent.Profile.BackupRules.Add(Rule, rule);
        return rule;
    }

    // Returns when its program runs.
    private async Task<Guid> StartEndlessAsync()
    {
        _agent.AddItem(TestAgent.ItemId, ProgramItem.Engine, ("COMMAND", $"echo > {Trace}; cat /dev/urandom | head -c 100; sleep 1000"));
        var job = await _agent.Runner.StartBackupAsync(TestAgent.ItemId, TestAgent.VaultId, null, "", CancellationToken.None);
        await Eventually.HoldsAsync("the program of the item runs", TimeSpan.FromSeconds(30), () => File.Exists(Trace));
        return job;
    }
}
