using System.Threading.Channels;
using Halley.Client.Accounts;
using Halley.Client.Agent.Schedules;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;
using Microsoft.Extensions.Time.Testing;
using static Halley.Client.Tests.Schedules.SampleProfile;

namespace Halley.Client.Tests.Schedules;

/// <summary>The loop with its file, through restarts.</summary>
public sealed class ScheduleLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly AlarmClock _time = new(DateTimeOffset.FromUnixTimeSeconds(Noon));
    private readonly Channel<string> _runs = Channel.CreateUnbounded<string>();
    private readonly List<string> _warnings = [];
    private readonly StateDirectory _state;
    private UserProfileConfig? _profile;
    private Func<CancellationToken, Task<JobStatus>> _run = _ => Task.FromResult(JobStatus.Success);

    public ScheduleLoopTests()
    {
        _state = new StateDirectory(_directory["state"]);
        _state.Save(new SignedInAccount(new Uri("https://example.com/"), "anna", Device, "key", DateTime.UnixEpoch, null));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_backup_starts_when_its_time_comes()
    {
        _profile = With(Daily(14));
        await using var agent = Start();
        await AdvanceAsync(TimeSpan.FromMinutes(119));
        Assert.False(_runs.Reader.TryRead(out _));

        await AdvanceUntilRunAsync();

        Assert.InRange(Now, Noon + 7200, Noon + 7260);
    }

    [Fact]
    public async Task What_is_due_once_does_not_run_again_after_a_restart()
    {
        _profile = With(Once(Noon + 600));
        await using (Start())
        {
            await AdvanceUntilRunAsync();
        }

        await using (Start())
        {
            await AdvanceAsync(TimeSpan.FromMinutes(30));
        }

        Assert.False(_runs.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_machine_that_starts_makes_up_for_what_it_missed_and_runs_what_is_for_its_start()
    {
        _profile = With(Daily(14));
        _profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed = true;
        _profile.BackupRules["at boot"] = new BackupRuleConfig
        {
            Source = "item",
            Destination = "vault",
            EventTriggers = new BackupRuleEventTriggers { OnPCBoot = true },
        };
        await using (Start())
        {
            await AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        _time.Advance(TimeSpan.FromDays(2));
        await using (Start("second boot"))
        {
            Assert.Equal(["at boot", Rule], new[] { await NextRunAsync(), await NextRunAsync() }.Order(StringComparer.Ordinal));
        }

        await using (Start("second boot"))
        {
            await AdvanceAsync(TimeSpan.FromMinutes(2));
        }

        Assert.False(_runs.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_backup_that_the_end_of_the_agent_cut_off_is_tried_again()
    {
        _profile = With(Daily(14));
        _profile.BackupRules[Rule].EventTriggers = new BackupRuleEventTriggers { OnLastJobFailDoRetry = true, LastJobFailDoRetryTime = 5 };
        _run = async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return JobStatus.Success;
        };
        await using (Start())
        {
            await AdvanceUntilRunAsync();
        }

        _run = _ => Task.FromResult(JobStatus.Success);
        var restarted = Now;
        await using (Start())
        {
            await AdvanceUntilRunAsync();
            Assert.InRange(Now, restarted + 300, restarted + 360);
            await AdvanceAsync(TimeSpan.FromMinutes(20));
        }

        Assert.False(_runs.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_rule_that_throws_counts_as_failed_and_stops_nothing()
    {
        _profile = With(Daily(14));
        _profile.BackupRules[Rule].EventTriggers = new BackupRuleEventTriggers { OnLastJobFailDoRetry = true, LastJobFailDoRetryTime = 5 };
        _run = _ => throw new InvalidOperationException("no such vault");
        await using var agent = Start();

        await AdvanceUntilRunAsync();
        await AdvanceUntilRunAsync();

        Assert.Contains(_warnings, warning => warning.Contains("no such vault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_connection_is_an_occasion_and_a_profile_may_come_later()
    {
        await using var agent = Start();
        await AdvanceAsync(TimeSpan.FromMinutes(5));
        _profile = With(Daily(14));
        agent.Loop.ProfileChanged();
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromHours(5));
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        _profile.BackupRules[Rule].EventTriggers.OnPCBootIfLastJobMissed = true;
        await AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.False(_runs.Reader.TryRead(out _));

        agent.Loop.Connected();

        Assert.Equal(Rule, await NextRunAsync());
    }

    [Fact]
    public async Task A_damaged_memory_begins_anew_and_says_so()
    {
        _profile = With(Daily(14));
        File.WriteAllText(Path.Combine(_state.Location, "schedules.json"), "{\"checkedUntil\":");
        await using var agent = Start();

        await AdvanceUntilRunAsync();

        Assert.Contains(_warnings, warning => warning.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_saved_is_decided_again()
    {
        _profile = With(Daily(14));
        Directory.CreateDirectory(Path.Combine(_state.Location, "schedules.json.new"));
        await using var agent = Start();
        await AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.NotEmpty(_warnings);
        Directory.Delete(Path.Combine(_state.Location, "schedules.json.new"));

        await AdvanceUntilRunAsync();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private Agent Start(string boot = "boot") => new(new ScheduleOptions
    {
        State = _state,
        Profile = () => _profile,
        Run = (rule, cancellationToken) =>
        {
            _runs.Writer.TryWrite(rule);
            return _run(cancellationToken);
        },
        Warn = warning =>
        {
            lock (_warnings)
            {
                _warnings.Add(warning);
            }
        },
        Time = _time,
        Random = new Random(1),
        BootId = boot,
    });

    private async Task AdvanceAsync(TimeSpan span)
    {
        for (var end = _time.GetUtcNow() + span; _time.GetUtcNow() < end;)
        {
            await StepAsync(end);
        }

        await _time.AlarmAsync();
    }

    private async Task AdvanceUntilRunAsync()
    {
        for (var end = _time.GetUtcNow().AddHours(26); _time.GetUtcNow() < end; await StepAsync(end))
        {
            await _time.AlarmAsync();
            if (_runs.Reader.TryRead(out _))
            {
                return;
            }
        }

        Assert.Fail("Nothing ran within a day.");
    }

    private async Task StepAsync(DateTimeOffset end)
    {
        var alarm = await _time.AlarmAsync();
        _time.Advance((alarm < end ? alarm : end) - _time.GetUtcNow());
    }

    private async Task<string> NextRunAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await _runs.Reader.ReadAsync(timeout.Token);
    }

    private sealed class Agent : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _task;

        public Agent(ScheduleOptions options)
        {
            Loop = new ScheduleLoop(options);
            _task = Task.Run(() => Loop.RunAsync(_stop.Token));
        }

        public ScheduleLoop Loop { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _task.WaitAsync(Patience);
            _stop.Dispose();
        }
    }

    // Knows when the loop will look again.
    private sealed class AlarmClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private readonly Lock _lock = new();
        private DateTimeOffset _alarm;
        private TaskCompletionSource _isSet = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            lock (_lock)
            {
                _alarm = GetUtcNow() + dueTime;
                _isSet.TrySetResult();
            }

            return timer;
        }

        // The time of an alarm that is still to come.
        public async Task<DateTimeOffset> AlarmAsync()
        {
            while (true)
            {
                Task isSet;
                lock (_lock)
                {
                    if (_alarm > GetUtcNow())
                    {
                        return _alarm;
                    }

                    _isSet = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    isSet = _isSet.Task;
                }

                await isSet.WaitAsync(Patience);
            }
        }
    }
}
