using Halley.Client.Accounts;
using Halley.Client.Agent.Jobs;
using Halley.Protocol.Jobs;
using Halley.Protocol.Live;

namespace Halley.Client.Tests.Agent.Jobs;

public sealed class JobReporterTests : IDisposable
{
    private readonly AgentState _machine = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Jobs_of_a_time_without_a_connection_are_sent_in_order_each_with_its_log_before_its_end()
    {
        var history = Open();
        Run(history, 1, lines: 2);
        Run(history, 2, lines: 0);

        Assert.Equal(
            ["job 1 runs", "log 0+2", "job 1 ended", "job 2 runs", "job 2 ended"], await SendAsync(Open()));
        Assert.Empty(await SendAsync(Open()));
    }

    [Fact]
    public async Task Running_job_is_sent_when_it_changes_and_its_log_goes_on_where_it_was()
    {
        var history = Open();
        var job = history.Start(new BackupJobDetail { TotalFiles = 1 });
        job.Log(JobSeverity.Info, "one");
        Assert.Equal(["job 1 runs", "log 0+1"], await SendAsync(history));
        Assert.Empty(await SendAsync(history));

        job.Change(detail => detail.TotalFiles = 2);
        job.Log(JobSeverity.Info, "two");
        job.Log(JobSeverity.Info, "three");
        Assert.Equal(["job 2 runs", "log 1+2"], await SendAsync(history));

        job.Complete(JobStatus.Success);
        Assert.Equal(["job 2 ended"], await SendAsync(history));
        Assert.Empty(history.Unsent);
    }

    [Fact]
    public async Task Whatever_call_loses_its_answer_the_rest_follows_on_the_next_connection()
    {
        for (var breaksAfter = 1; breaksAfter <= 3; breaksAfter++)
        {
            var history = Open();
            Run(history, 1, lines: 1);
            var broken = new RecordingHub { BreaksAfter = breaksAfter };
            await Assert.ThrowsAsync<IOException>(() => Reporter(history).SendAllAsync(broken, default));

            var again = await SendAsync(history);

            Assert.Equal(broken.Calls.Last(), again[0]);
            Assert.Equal("job 1 ended", again[^1]);
            Assert.Empty(history.Unsent);
        }
    }

    [Fact]
    public async Task Long_log_goes_in_parts_that_fit_into_a_message()
    {
        var history = Open();
        var job = history.Start(new BackupJobDetail());
        for (var i = 0; i < 100; i++)
        {
            job.Log(JobSeverity.Info, new string('x', 15_000));
        }

        job.Complete(JobStatus.Success);

        var logs = (await SendAsync(history)).Where(call => call.StartsWith("log", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, logs.Count);
        Assert.Equal(100, logs.Sum(call => int.Parse(call.Split('+')[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Job_that_the_server_refuses_for_good_does_not_hold_up_the_next_one()
    {
        var history = Open();
        Run(history, 1, lines: 0);
        Run(history, 2, lines: 0);
        var hub = new RecordingHub
        {
            Answer = call =>
                call.StartsWith("job 1", StringComparison.Ordinal) ? new LiveAck("job_invalid", "It is too long.") : new LiveAck(),
        };

        await Reporter(history).SendAllAsync(hub, default);

        Assert.Equal(["job 1 runs", "job 2 runs", "job 2 ended"], hub.Calls);
        Assert.Contains("It is too long.", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Empty(history.Unsent);
    }

    [Fact]
    public async Task Server_that_lost_a_part_of_the_log_gets_all_of_it()
    {
        var history = Open();
        var job = history.Start(new BackupJobDetail { TotalFiles = 1 });
        job.Log(JobSeverity.Info, "one");
        await SendAsync(history);
        job.Log(JobSeverity.Info, "two");
        var restored = new RecordingHub { Answer = call => call == "log 1+1" ? new LiveAck("job_conflict", "0 entries") : new LiveAck() };

        await Reporter(history).SendAllAsync(restored, default);
        await Reporter(history).SendAllAsync(restored, default);

        Assert.Equal(["log 1+1", "job 1 runs", "log 0+2"], restored.Calls);
    }

    [Fact]
    public async Task Jobs_of_another_account_wait_until_it_is_signed_in_again()
    {
        var history = Open();
        Run(history, 1, lines: 0);
        var anna = _machine.State.RequireAccount();
        _machine.State.Save(anna with { Username = "bob" });
        Run(history, 2, lines: 0);

        Assert.Equal(["job 2 runs", "job 2 ended"], await SendAsync(history));
        _machine.State.Save(anna);
        Assert.Equal(["job 1 runs", "job 1 ended"], await SendAsync(history));
    }

    private static void Run(JobHistory history, int number, int lines)
    {
        var job = history.Start(new BackupJobDetail { TotalFiles = number });
        for (var line = 0; line < lines; line++)
        {
            job.Log(JobSeverity.Info, $"line {line}");
        }

        job.Complete(JobStatus.Success);
    }

    private async Task<List<string>> SendAsync(JobHistory history)
    {
        var hub = new RecordingHub();
        await Reporter(history).SendAllAsync(hub, default);
        return [.. hub.Calls];
    }

    private JobReporter Reporter(JobHistory history) => new(history, _machine.State, _machine.Time, _warnings.Add);

    private JobHistory Open() => JobHistory.Open(_machine.State, "1.2.3", _machine.Time);
}
