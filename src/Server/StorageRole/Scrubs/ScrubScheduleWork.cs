using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Periodic;
using Halley.Server.StorageRole.Verification;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>
/// Starts scrubs, so that every byte is read again within <see cref="StorageOptions.ScrubDays"/>: a scrub begins when half of that time has
/// passed since the oldest part was read, and must finish at nine tenths of it.
/// </summary>
internal sealed partial class ScrubScheduleWork(
    VolumeSet volumes, ScrubTimes times, TaskRunner runner, TaskActions tasks, StorageOptions options, TimeProvider time,
    ILogger<ScrubScheduleWork> logger) : SingleRun
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(6);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.ScrubDays == 0)
        {
            return;
        }

        var unfinished = await tasks.UnfinishedAsync(ScrubKind.Word, cancellationToken);
        var all = new OneByOne();
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            var task = unfinished.FirstOrDefault(task => task.Subject == volume.Id.ToString());
            await all.TryAsync($"Volume {volume.Id}", () => PlanAsync(volume, task, cancellationToken));
        }

        all.ThrowIfAny();
    }

    private async Task PlanAsync(Volume volume, TaskInfo? unfinished, CancellationToken cancellationToken)
    {
        if (unfinished is not null)
        {
            await RetryAsync(unfinished, cancellationToken);
        }
        else if (await NextAsync(volume, cancellationToken) is { } request)
        {
            await StartAsync(volume, request, cancellationToken);
        }
    }

    private async Task<ScrubParameters?> NextAsync(Volume volume, CancellationToken cancellationToken)
    {
        var (now, period) = (time.GetUtcNow().UtcDateTime, TimeSpan.FromDays(options.ScrubDays));
        var known = await times.LoadAsync(volume.Id, cancellationToken);
        var buckets = await Task.Run(volume.ListBuckets, cancellationToken);
        if (buckets.Count == 0)
        {
            return null;
        }

        var oldest = buckets.Select(bucket => known.GetValueOrDefault(bucket)?.Oldest ?? DateTime.MinValue).Min();
        if (known.Count == 0)
        {
            return new ScrubParameters(now, now + (period * 0.4));
        }

        // A part that was never read is not late, because uploads are verified on arrival: it counts as old as the oldest part that was
        // read.
        oldest = oldest > DateTime.MinValue ? oldest : known.Values.Select(bucket => bucket.Oldest).Min() ?? now - (period / 2);
        if (now - oldest < period / 2)
        {
            return null;
        }

        var deadline = oldest + (period * 0.9);
        var soonest = now + (period * 0.1); // after a long break, not everything within an hour
        return new ScrubParameters(now - (period / 4), deadline > soonest ? deadline : soonest);
    }

    private async Task StartAsync(Volume volume, ScrubParameters request, CancellationToken cancellationToken)
    {
        var start = await runner.StartAsync(
            ScrubKind.Word, volume.Id.ToString(), request, actor: "", maxBytesPerSecond: null, cancellationToken);
        if (start.Refusal is { } refusal)
        {
            LogNotStarted(logger, volume.Id, refusal.Reason);
        }
    }

    private async Task RetryAsync(TaskInfo task, CancellationToken cancellationToken)
    {
        if (task is { State: TaskState.Failed, CreatedBy: "", EndedAt: { } ended } && time.GetUtcNow().UtcDateTime - ended > RetryAfter)
        {
            await tasks.ResumeAsync(Caller.Server, task.Id, cancellationToken);
        }
    }

    [LoggerMessage(LogEvents.ScrubNotStarted, LogLevel.Warning, "The scrub of volume {Volume} was not started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, Guid volume, string reason);
}
