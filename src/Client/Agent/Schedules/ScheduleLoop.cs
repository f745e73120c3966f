using System.Collections.Concurrent;
using System.Security.Cryptography;
using Halley.Client.Accounts;
using Halley.Protocol.Jobs;
using Halley.Protocol.Profiles;

namespace Halley.Client.Agent.Schedules;

/// <summary>What the schedules of a machine need.</summary>
public sealed class ScheduleOptions
{
    /// <summary>Where this machine remembers its account.</summary>
    public required StateDirectory State { get; init; }

    /// <summary>The last known profile of the account; null while there is none. Works without a connection.</summary>
    public required Func<UserProfileConfig?> Profile { get; init; }

    /// <summary>Runs a backup rule to its end and returns how it ended. Skips it when it still runs.</summary>
    public required Func<string, CancellationToken, Task<JobStatus>> Run { get; init; }

    /// <summary>Receives what should be known to somebody who looks after the agent.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For random delays.</summary>
    public Random Random { get; init; } = new(RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>Identifies the present start of the machine; null asks the operating system.</summary>
    public string? BootId { get; init; }
}

/// <summary>
/// Starts the backups of this machine when they are due: on schedule, when the machine starts, when a run was missed, and again after a
/// failure. It looks at the clock at least once a minute, so a machine that slept or whose clock was set is noticed.
/// </summary>
/// <param name="options">What it needs.</param>
public sealed class ScheduleLoop(ScheduleOptions options)
{
    private const long Pause = 60;
    private const long SaveInterval = 60 * 60;

    private readonly ConcurrentQueue<(string RuleId, JobStatus Status)> _ended = [];
    private readonly List<Task> _running = [];
    private readonly WarnOnce _warnings = new(options.Warn);
    private ScheduleMemory _memory = new();
    private TaskCompletionSource _news = NewSignal();
    private bool _isBack = true;
    private long _savedAt;
    private long _lookedAt;

    /// <summary>Tells it that the connection to the server is back, so that missed backups are made up for.</summary>
    public void Connected()
    {
        Volatile.Write(ref _isBack, true);
        Wake();
    }

    /// <summary>Tells it that there is another profile.</summary>
    public void ProfileChanged() => Wake();

    /// <summary>Runs until it is cancelled; then waits for the backups that it started, which the same token cancels.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _memory = ScheduleMemory.Read(options.State, out var isDamaged);
        if (isDamaged)
        {
            options.Warn("The memory of the schedules was damaged and begins anew. Backups that were missed before are not made up for.");
        }

        var interrupted = _memory.Rules.Where(rule => rule.Value.IsRunning).Select(rule => rule.Key).ToList();
        interrupted.ForEach(rule => _ended.Enqueue((rule, JobStatus.Error)));
        var boot = options.BootId ?? MachineBoot.Id(options.Time);
        while (!cancellationToken.IsCancellationRequested)
        {
            var signal = _news = NewSignal();
            await WaitAsync(signal.Task, LookOrWarn(boot, cancellationToken), cancellationToken);
        }

        await Task.WhenAll(_running);
        if (Decisions() is { } decisions)
        {
            TakeEnds(decisions);
        }

        _memory.Save(options.State);
    }

    // What cannot be saved has not happened: the next look decides again.
    private long LookOrWarn(string boot, CancellationToken cancellationToken)
    {
        try
        {
            var next = Look(boot, cancellationToken);
            _warnings.Clear("");
            return next;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _warnings.Warn("", $"The schedules could not be followed, and are looked at again in a minute: {error.Message}");
            _memory = ScheduleMemory.Read(options.State, out _);
            return Now() + Pause;
        }
    }

    // Returns the time of the next look.
    private long Look(string boot, CancellationToken cancellationToken)
    {
        var now = Now();
        if (Decisions() is not { } decisions)
        {
            return now + Pause;
        }

        TakeEnds(decisions);
        var starts = decisions.Look(now, OccasionOf(boot, now));
        var isSaved = !decisions.HasChanged && _memory.Boot == boot && Math.Abs(now - _savedAt) < SaveInterval;
        (_memory.Boot, _lookedAt) = (boot, now);
        if (!isSaved)
        {
            _memory.Save(options.State);
            _savedAt = now;
        }

        _running.RemoveAll(task => task.IsCompleted);
        _running.AddRange(starts.Select(rule => RunAsync(rule, cancellationToken)));
        return decisions.NextLook(now);
    }

    private ScheduleDecisions? Decisions() => options.Profile() is { } profile && options.State.FindAccount() is { } account
        ? new ScheduleDecisions(profile, account.DeviceId, _memory, options.Random)
        : null;

    private void TakeEnds(ScheduleDecisions decisions)
    {
        while (_ended.TryDequeue(out var ended))
        {
            decisions.End(ended.RuleId, ended.Status, Now());
        }
    }

    private ScheduleOccasion OccasionOf(string boot, long now)
    {
        var isBack = Interlocked.Exchange(ref _isBack, false) || now - _lookedAt > ScheduleDecisions.Grace;
        return (isBack ? ScheduleOccasion.Back : ScheduleOccasion.None)
            | (_memory.Boot.Length > 0 && _memory.Boot != boot ? ScheduleOccasion.Boot : ScheduleOccasion.None);
    }

    private async Task RunAsync(string ruleId, CancellationToken cancellationToken)
    {
        var status = JobStatus.Error;
        try
        {
            status = await options.Run(ruleId, cancellationToken);
            _warnings.Clear(ruleId);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            status = JobStatus.Cancelled;
        }
        catch (Exception error)
        {
            _warnings.Warn(ruleId, $"The backup rule {ruleId} could not be run: {error.Message}");
        }

        // A backup that ended because the agent stops counts as interrupted when the agent starts again.
        if (status != JobStatus.Cancelled || !cancellationToken.IsCancellationRequested)
        {
            _ended.Enqueue((ruleId, status));
            Wake();
        }
    }

    private async Task WaitAsync(Task signal, long next, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var span = DateTimeOffset.FromUnixTimeSeconds(next) - options.Time.GetUtcNow();
        await Task.WhenAny(signal, Task.Delay(span > TimeSpan.Zero ? span : TimeSpan.Zero, options.Time, stop.Token));
        await stop.CancelAsync();
    }

    private long Now() => options.Time.GetUtcNow().ToUnixTimeSeconds();

    private void Wake() => Volatile.Read(ref _news).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
