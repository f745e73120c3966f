using System.Collections.Concurrent;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Data;
using Halley.Storage;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tasks;

/// <summary>Runs the tasks: those that are started, and at the start of the server those that were running when it stopped.</summary>
internal sealed partial class TaskRunner(
    IDbContextFactory<ServerDbContext> databases, IEnumerable<TaskKind> kinds, ForegroundLoad load, TimeProvider time, ILogger<TaskRunner> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Guid, TaskAtWork> _atWork = new();
    private readonly SemaphoreSlim _changes = new(1);

    /// <summary>The run of a task that is at work; null when it is not.</summary>
    public TaskRun? FindRun(Guid id) => _atWork.TryGetValue(id, out var work) ? work.Run : null;

    /// <summary>Goes on with those that were running, where there is what they work on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!kinds.Any())
        {
            // They run at the instance that has the storage.
            return;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var record in await database.Set<TaskRecord>().AsNoTracking().Where(task => task.State == TaskState.Running).ToListAsync(cancellationToken))
        {
            Begin(record);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var work in _atWork.Values)
        {
            work.Stop();
        }

        await Task.WhenAll(_atWork.Values.Select(work => work.Ended)).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Starts a task; a conflict when an unfinished one of that kind has the same subject. What must be done before it begins is done once
    /// the task is stored, so that a crash between the two leaves a task that can be cancelled.
    /// </summary>
    public async Task<TaskChange> StartAsync<T>(
        string kind, string subject, T parameters, string actor, long? maxBytesPerSecond, CancellationToken cancellationToken, Func<Task>? first = null)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var same = await database.Set<TaskRecord>().Where(task => task.Kind == kind && task.Subject == subject
                && (task.State == TaskState.Running || task.State == TaskState.Paused || task.State == TaskState.Failed)).FirstOrDefaultAsync(cancellationToken);
            if (same is not null)
            {
                return TaskChange.Refused("task_unfinished", $"There is a task of this kind already ({same.Id}). Resume it, or cancel it first.");
            }

            var record = new TaskRecord
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Kind = kind,
                Subject = subject,
                Parameters = JsonSerializer.Serialize(parameters, JsonSerializerOptions.Web),
                MaxBytesPerSecond = maxBytesPerSecond,
                CreatedAt = time.GetUtcNow().UtcDateTime,
                CreatedBy = actor,
            };
            database.Add(record);
            await database.SaveChangesAsync(cancellationToken);
            if (first is not null)
            {
                await first();
            }

            LogStarted(logger, kind, subject, record.Id);
            return TaskChange.Done(record.ToWire(Begin(record)));
        }
        finally
        {
            _changes.Release();
        }
    }

    public Task<TaskChange> PauseAsync(Guid id, CancellationToken cancellationToken) => ChangeAsync(id, async (record, database) =>
    {
        if (record.State != TaskState.Running)
        {
            return TaskChange.Refused("task_not_running", "Only a running task can be paused.");
        }

        await EndWorkAsync(record, database, cancellationToken);
        record.State = record.State == TaskState.Running ? TaskState.Paused : record.State; // it may have come to its end a moment before
        return null;
    }, cancellationToken);

    public Task<TaskChange> ResumeAsync(Guid id, CancellationToken cancellationToken) => ChangeAsync(id, (record, _) =>
    {
        if (record.State is not (TaskState.Paused or TaskState.Failed))
        {
            return Task.FromResult<TaskChange?>(TaskChange.Refused("task_not_paused", "Only a task that is paused or has failed can be resumed."));
        }

        (record.State, record.Problem, record.EndedAt) = (TaskState.Running, null, null);
        return Task.FromResult<TaskChange?>(null);
    }, cancellationToken, thenBegin: true);

    public Task<TaskChange> CancelAsync(Guid id, CancellationToken cancellationToken) => ChangeAsync(id, async (record, database) =>
    {
        if (!record.IsUnfinished)
        {
            return TaskChange.Refused("task_ended", "The task has ended already.");
        }

        await EndWorkAsync(record, database, cancellationToken);
        if (record.IsUnfinished)
        {
            (record.State, record.EndedAt) = (TaskState.Cancelled, time.GetUtcNow().UtcDateTime);
            await KindOf(record).CancelledAsync(NewRun(record), cancellationToken);
        }

        return null;
    }, cancellationToken);

    /// <summary>Sets the rate of a task; null for no limit.</summary>
    public Task<TaskChange> LimitAsync(Guid id, long? bytesPerSecond, CancellationToken cancellationToken) => ChangeAsync(id, (record, _) =>
    {
        record.MaxBytesPerSecond = bytesPerSecond;
        if (FindRun(id) is { } run)
        {
            run.Pace.BytesPerSecond = bytesPerSecond;
        }

        return Task.FromResult<TaskChange?>(null);
    }, cancellationToken);

    public void Dispose() => _changes.Dispose();

    private async Task<TaskChange> ChangeAsync(
        Guid id, Func<TaskRecord, ServerDbContext, Task<TaskChange?>> change, CancellationToken cancellationToken, bool thenBegin = false)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await database.Set<TaskRecord>().FirstOrDefaultAsync(task => task.Id == id, cancellationToken) is not { } record)
            {
                return TaskChange.NotFound;
            }

            if (await change(record, database) is { } refusal)
            {
                return refusal;
            }

            await database.SaveChangesAsync(cancellationToken);
            return TaskChange.Done(record.ToWire(thenBegin ? Begin(record) : FindRun(id)));
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task EndWorkAsync(TaskRecord record, ServerDbContext database, CancellationToken cancellationToken)
    {
        if (_atWork.TryGetValue(record.Id, out var work))
        {
            work.Stop();
            await work.Ended.WaitAsync(cancellationToken);
            await database.Entry(record).ReloadAsync(cancellationToken);
        }
    }

    private TaskRun Begin(TaskRecord record)
    {
        var work = new TaskAtWork(NewRun(record));
        _atWork[record.Id] = work;
        work.Begin(stopping => RunAsync(record, work.Run, stopping));
        return work.Run;
    }

    private TaskRun NewRun(TaskRecord record) =>
        new(record, new Pace(time, () => load.IsBusy) { BytesPerSecond = record.MaxBytesPerSecond }, time);

    private TaskKind KindOf(TaskRecord record) => kinds.Single(kind => kind.Name == record.Kind);

    private async Task RunAsync(TaskRecord record, TaskRun run, CancellationToken stopping)
    {
        using var saving = new CancellationTokenSource();
        var saver = SavePeriodicallyAsync(run, saving.Token);
        var (state, problem) = await RunToAnEndAsync(record, run, stopping);
        await saving.CancelAsync();
        await saver;
        try
        {
            await SaveAsync(run, state, problem);
        }
#pragma warning disable CA1031 // the boundary of the task: there is nobody above to hear of it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotSaved(logger, record.Kind, run.Id, failure); // it stays "running" in the database and goes on at the next start
        }
        finally
        {
            _atWork.TryRemove(run.Id, out _);
        }
    }

    private async Task<(TaskState State, string? Problem)> RunToAnEndAsync(TaskRecord record, TaskRun run, CancellationToken stopping)
    {
        try
        {
            await Task.Run(() => KindOf(record).RunAsync(run, stopping), CancellationToken.None);
            LogDone(logger, record.Kind, record.Subject, run.Id);
            return (TaskState.Done, null);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return (TaskState.Running, null);
        }
#pragma warning disable CA1031 // the boundary of the task: whatever it throws, it has failed
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(logger, record.Kind, record.Subject, run.Id, failure);
            return (TaskState.Failed, failure is TaskFailedException or BlobStoreException ? failure.Message : "The server failed; its log has the details.");
        }
    }

    private async Task SavePeriodicallyAsync(TaskRun run, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(SaveEvery, time);
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(stopping))
                {
                    return;
                }

                await SaveAsync(run, TaskState.Running, null);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // the boundary of the loop: the next tick tries again
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogNotSaved(logger, "", run.Id, failure);
            }
        }
    }

    // Never given up half-way: nobody could tell then whether the lines of the log are stored.
    private async Task SaveAsync(TaskRun run, TaskState state, string? problem)
    {
        await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
        if (await database.Set<TaskRecord>().FirstOrDefaultAsync(task => task.Id == run.Id) is not { } row)
        {
            return;
        }

        var lines = run.SaveTo(row);
        database.AddRange(lines);
        row.State = state;
        row.Problem = problem is { Length: > TaskRecord.LongestProblem } ? problem[..TaskRecord.LongestProblem] : problem;
        row.EndedAt = state is TaskState.Done or TaskState.Failed ? time.GetUtcNow().UtcDateTime : null;
        await database.SaveChangesAsync();
        run.Saved(lines.Count);
    }

    [LoggerMessage(LogEvents.TaskStarted, LogLevel.Information, "The task {Kind} of {Subject} was started ({Task})")]
    private static partial void LogStarted(ILogger logger, string kind, string subject, Guid task);

    [LoggerMessage(LogEvents.TaskDone, LogLevel.Information, "The task {Kind} of {Subject} is done ({Task})")]
    private static partial void LogDone(ILogger logger, string kind, string subject, Guid task);

    [LoggerMessage(LogEvents.TaskFailed, LogLevel.Error, "The task {Kind} of {Subject} failed ({Task})")]
    private static partial void LogFailed(ILogger logger, string kind, string subject, Guid task, Exception failure);

    [LoggerMessage(LogEvents.TaskNotSaved, LogLevel.Error, "The progress of the task {Kind} could not be saved ({Task})")]
    private static partial void LogNotSaved(ILogger logger, string kind, Guid task, Exception failure);
}
