using System.Runtime.Versioning;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Jobs;

namespace Halley.Client.Tests.Agent.Jobs;

[SupportedOSPlatform("linux")]
public sealed class JobHistoryTests : IDisposable
{
    private readonly AgentState _machine = new();

    private string Directory => Path.Combine(_machine.State.Location, "jobs");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Job_that_starts_has_what_every_job_has_and_is_on_disk_at_once()
    {
        var job = Open().Start(new BackupJobDetail { Classification = JobClassification.Backup, SourceGUID = "s", DestinationGUID = "d" });

        var stored = Assert.Single(Archive().Read());
        Assert.Equal((job.Id.ToString(), AgentState.Username, _machine.DeviceId), (stored.GUID, stored.Username, stored.DeviceID));
        Assert.Equal((JobStatus.Running, 0, "1.2.3"), (stored.Status, stored.EndTime, stored.ClientVersion));
        Assert.Equal(_machine.Time.GetUtcNow().ToUnixTimeSeconds(), stored.StartTime);
        Assert.Equal(("s", "d", JobClassification.Backup), (stored.SourceGUID, stored.DestinationGUID, stored.Classification));
        Assert.NotEmpty(stored.CancellationID);
        Assert.All(System.IO.Directory.GetFiles(Directory), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Job_that_ends_has_its_end_its_lines_and_no_way_to_cancel_it()
    {
        var history = Open();
        var job = history.Start(new BackupJobDetail());
        job.Log(JobSeverity.Info, "first\nwith a second line");
        job.Log(JobSeverity.Warning, "Datei “ä” fehlt");
        _machine.Time.Advance(TimeSpan.FromSeconds(90));
        job.Change(detail => detail.TotalFiles = 7);

        job.Complete(JobStatus.Warning);

        job.Log(JobSeverity.Error, "too late");
        job.Change(detail => detail.TotalFiles = 8);
        job.Complete(JobStatus.Success);
        var stored = Archive().Find(job.Id)!;
        Assert.Equal((JobStatus.Warning, 90), (stored.Status, stored.EndTime - stored.StartTime));
        Assert.Equal((7, ""), (stored.TotalFiles, stored.CancellationID));
        Assert.Equal(
            [("I", "first\nwith a second line"), ("W", "Datei “ä” fehlt")],
            Archive().ReadLog(job.Id).Select(entry => (entry.Severity, entry.Message)));
        Assert.Empty(history.Running);
    }

    [Fact]
    public void Progress_reaches_the_disk_every_two_seconds_and_its_counter_rises()
    {
        var job = Open().Start(new BackupJobDetail());
        job.Change(detail => detail.Progress.BytesDone = 1);
        Assert.Equal(0, Archive().Find(job.Id)!.Progress.BytesDone);
        _machine.Time.Advance(TimeSpan.FromSeconds(2));

        job.Change(detail => detail.Progress.BytesDone = 2);

        var progress = Archive().Find(job.Id)!.Progress;
        Assert.Equal((2, 2), (progress.BytesDone, progress.Counter));
    }

    [Fact]
    public void Copy_of_a_document_shares_nothing_with_it()
    {
        var job = Open().Start(new BackupJobDetail());

        job.Read().Progress.BytesDone = 5;

        Assert.Equal(0, job.Read().Progress.BytesDone);
    }

    [Fact]
    public void Job_that_ran_when_the_program_was_killed_has_failed_and_an_unfinished_line_of_its_log_is_gone()
    {
        var job = Open().Start(new BackupJobDetail());
        job.Log(JobSeverity.Info, "started");
        var log = Assert.Single(System.IO.Directory.GetFiles(Directory, "*.log"));
        File.AppendAllText(log, """{"Time":1,"Sev""");

        var after = Open();

        var stored = Assert.Single(Archive().Read());
        Assert.Equal((JobStatus.Error, true), (stored.Status, stored.EndTime > 0));
        Assert.Equal(["I", "E"], Archive().ReadLog(job.Id).Select(entry => entry.Severity));
        Assert.Contains("interrupted", Archive().ReadLog(job.Id).Last().Message, StringComparison.Ordinal);
        Assert.Equal(job.Id, Assert.Single(after.Unsent).Name.Id);
        Assert.Empty(after.Running);
    }

    [Fact]
    public void Job_whose_document_was_never_written_did_not_start()
    {
        var job = Open().Start(new BackupJobDetail());
        File.Delete(Assert.Single(System.IO.Directory.GetFiles(Directory, "*.json")));

        Assert.Empty(Open().Unsent);

        Assert.Null(Archive().Find(job.Id));
        Assert.Empty(System.IO.Directory.GetFiles(Directory, "*.unsent"));
    }

    [Fact]
    public void Jobs_are_listed_the_newest_first_also_when_the_clock_goes_back_and_the_program_starts_again()
    {
        var first = Open().Start(new BackupJobDetail());
        first.Complete(JobStatus.Success);
        var history = Open();
        var second = history.Start(new BackupJobDetail { StartTime = 5 });
        second.Complete(JobStatus.Success);

        Assert.Equal([$"{second.Id}", $"{first.Id}"], Archive().Read().Select(job => job.GUID));
        Assert.Equal([first.Id, second.Id], history.Unsent.Select(job => job.Name.Id));
    }

    [Fact]
    public void Only_the_cancellation_id_of_a_running_job_cancels_it()
    {
        var history = Open();
        var job = history.Start(new BackupJobDetail());

        Assert.False(history.TryCancel(job.Id, "another"));
        Assert.False(history.TryCancel(Guid.NewGuid(), job.Read().CancellationID));
        Assert.False(job.Cancelled.IsCancellationRequested);
        Assert.True(history.TryCancel(job.Id, job.Read().CancellationID));

        Assert.True(job.Cancelled.IsCancellationRequested);
        Assert.Equal("W", Assert.Single(Archive().ReadLog(job.Id)).Severity);
    }

    [Fact]
    public void Old_jobs_go_when_the_server_has_them_and_others_stay()
    {
        var history = Open();
        for (var i = 0; i < 4; i++)
        {
            var job = history.Start(new BackupJobDetail { TotalFiles = i });
            job.Log(JobSeverity.Info, "line");
            job.Complete(JobStatus.Success);
        }

        history.MarkSent(history.Unsent[1]);
        history.MarkSent(history.Unsent[1]);

        Archive().Prune(kept: 2);

        Assert.Equal([3, 2, 0], Archive().Read().Select(job => job.TotalFiles));
        Assert.Equal(3, System.IO.Directory.GetFiles(Directory, "*.log").Length);
        Assert.Equal([0, 3], Open().Unsent.Select(job => Archive().Find(job.Name.Id)!.TotalFiles));
    }

    [Fact]
    public void Damaged_document_is_left_out()
    {
        var history = Open();
        history.Start(new BackupJobDetail()).Complete(JobStatus.Success);
        File.WriteAllText(Assert.Single(System.IO.Directory.GetFiles(Directory, "*.json")), "{");
        var good = history.Start(new BackupJobDetail());

        Assert.Equal($"{good.Id}", Assert.Single(Archive().Read()).GUID);
    }

    private JobHistory Open() => JobHistory.Open(_machine.State, "1.2.3", _machine.Time);

    private JobArchive Archive() => new(_machine.State);
}
