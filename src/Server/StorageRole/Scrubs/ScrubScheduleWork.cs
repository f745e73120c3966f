using Halley.Protocol;
using Halley.Server.Periodic;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;

namespace Halley.Server.StorageRole.Scrubs;

/// <summary>
/// Starts scrubs, so that every byte is read again within <see cref="StorageOptions.ScrubDays"/>: one begins when half of that time has
/// passed since the oldest part was read, and is to be done at nine tenths of it.
/// </summary>
internal sealed partial class ScrubScheduleWork(
    VolumeSet volumes, ScrubTimes times, TaskRunner runner, TaskList tasks, StorageOptions options, TimeProvider time, ILogger<ScrubScheduleWork> logger) : SingleRun
{
    private const int MostTasks = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromHours(6);

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.ScrubDays == 0)
        {
            return;
        }

        var unfinished = await tasks.ListAsync(ScrubKind.Word, unfinishedOnly: true, after: null, MostTasks, cancellationToken);
        foreach (var volume in volumes.All.Where(volume => volume.Problem is null))
        {
            if (unfinished.FirstOrDefault(task => task.Subject == volume.Id.ToString()) is { } task)
            {
                await TryAgainAsync(task, cancellationToken);
            }
            else if (await NextAsync(volume, cancellationToken) is { } request)
            {
                await StartAsync(volume, request, cancellationToken);
            }
        }
    }

    /// <summary>Starts one now; one that the schedule started makes way for it.</summary>
    public async Task<TaskChange> StartNowAsync(Volume volume, string actor, long? maxBytesPerSecond, CancellationToken cancellationToken)
    {
        var unfinished = await tasks.ListAsync(ScrubKind.Word, unfinishedOnly: true, after: null, MostTasks, cancellationToken);
        foreach (var task in unfinished.Where(task => task.Subject == volume.Id.ToString() && task.CreatedBy.Length == 0))
        {
            await runner.CancelAsync(task.Id, cancellationToken);
        }

        var request = new ScrubParameters(time.GetUtcNow().UtcDateTime, Deadline: null);
        return await runner.StartAsync(ScrubKind.Word, volume.Id.ToString(), request, actor, maxBytesPerSecond is > 0 ? maxBytesPerSecond : null, cancellationToken);
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

        // What was never read is not late: uploads are checked when they come, so it counts from the last time everything else was read.
        oldest = oldest > DateTime.MinValue ? oldest : known.Values.Select(bucket => bucket.Oldest).Min() ?? now - (period / 2);
        if (now - oldest < period / 2)
        {
            return null;
        }

        var deadline = oldest + (period * 0.9);
        var soonest = now + (period * 0.1); // after a long rest, not everything in an hour
        return new ScrubParameters(now - (period / 4), deadline > soonest ? deadline : soonest);
    }

    private async Task StartAsync(Volume volume, ScrubParameters request, CancellationToken cancellationToken)
    {
        var start = await runner.StartAsync(ScrubKind.Word, volume.Id.ToString(), request, actor: "", maxBytesPerSecond: null, cancellationToken);
        if (start.Task is null)
        {
            LogNotStarted(logger, volume.Id, start.Reason!);
        }
    }

    private async Task TryAgainAsync(TaskInfo task, CancellationToken cancellationToken)
    {
        if (task is { State: TaskState.Failed, CreatedBy: "", EndedAt: { } ended } && time.GetUtcNow().UtcDateTime - ended > RetryAfter)
        {
            await runner.ResumeAsync(task.Id, cancellationToken);
        }
    }

    [LoggerMessage(LogEvents.ScrubNotStarted, LogLevel.Warning, "The scrub of volume {Volume} was not started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, Guid volume, string reason);
}
