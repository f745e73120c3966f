using System.Collections.Concurrent;
using System.Text.Json;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Storage;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tasks;

/// <summary>Runs new tasks and, after a start of the server, the tasks that were running when it stopped.</summary>
internal sealed partial class TaskRunner(
    IDbContextFactory<ServerDbContext> databases, IEnumerable<TaskKind> kinds, ForegroundLoad load, TimeProvider time,
    ILogger<TaskRunner> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<Guid, TaskAtWork> _atWork = new();
    private readonly SemaphoreSlim _changes = new(1);

    public static Refusal NotFound { get; } = Refusal.NotFound("task_not_found", "There is no task with this id.");

    /// <summary>The run of a task that is running; null if it is not.</summary>
    public TaskRun? FindRun(Guid id) => _atWork.TryGetValue(id, out var work) ? work.Run : null;

    /// <summary>Continues the tasks that were running when the server stopped, if this instance has the storage.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!kinds.Any())
        {
            return; // they run on the instance that has the storage
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var running = database.Set<TaskRecord>().AsNoTracking().Where(task => task.State == TaskState.Running);
        foreach (var record in await running.ToListAsync(cancellationToken))
        {
            Begin(record, "The task continues after a restart of the server.");
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
    /// Starts a task, unless an unfinished one of that kind has the same subject. <paramref name="first"/> runs once the task is stored and
    /// before it begins, so that a crash between the two leaves a task that can be cancelled.
    /// </summary>
    public async Task<Outcome<TaskInfo>> StartAsync<T>(
        string kind, string subject, T parameters, string actor, long? maxBytesPerSecond, CancellationToken cancellationToken,
        Func<Task>? first = null)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var same = await database.Set<TaskRecord>().Where(task => task.Kind == kind && task.Subject == subject
                && (task.State == TaskState.Running || task.State == TaskState.Paused || task.State == TaskState.Failed))
                .FirstOrDefaultAsync(cancellationToken);
            if (same is not null)
            {
                return Refusal.Conflict(
                    "task_unfinished", $"There is already an unfinished task of this kind ({same.Id}). Resume or cancel it first.");
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
            return record.ToWire(
                Begin(record, actor.Length == 0 ? "The server started the task." : $"{actor} started the task."));
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>
    /// Changes the stored task, unless <paramref name="change"/> refuses. A task whose state is then running starts to work.
    /// </summary>
    public async Task<Outcome<TaskInfo>> ChangeAsync(
        Guid id, Func<TaskRecord, ServerDbContext, Task<Refusal?>> change, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            if (await database.Set<TaskRecord>().FirstOrDefaultAsync(task => task.Id == id, cancellationToken) is not { } record)
            {
                return NotFound;
            }

            var wasRunning = record.State == TaskState.Running;
            if (await change(record, database) is { } refusal)
            {
                return refusal;
            }

            await database.SaveChangesAsync(cancellationToken);
            return record.ToWire(!wasRunning && record.State == TaskState.Running
                ? Begin(record, "The task was resumed.")
                : FindRun(id));
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>
    /// Stops the work of a task, waits for its end and reads the record again. Call it only within <see cref="ChangeAsync"/>.
    /// </summary>
    public async Task EndWorkAsync(TaskRecord record, ServerDbContext database, CancellationToken cancellationToken)
    {
        if (_atWork.TryGetValue(record.Id, out var work))
        {
            work.Stop();
            await work.Ended.WaitAsync(cancellationToken);
            await database.Entry(record).ReloadAsync(cancellationToken);
        }
    }

    /// <summary>Releases what a cancelled task had reserved.</summary>
    public Task ReleaseAsync(TaskRecord record, CancellationToken cancellationToken) =>
        KindOf(record).CancelledAsync(NewRun(record), cancellationToken);

    public void Dispose() => _changes.Dispose();

    private TaskRun Begin(TaskRecord record, string firstLine)
    {
        var work = new TaskAtWork(NewRun(record));
        work.Run.Log(record.MaxBytesPerSecond is { } limit ? $"{firstLine} Its limit is {limit} bytes a second." : firstLine);
        _atWork[record.Id] = work;
        work.Begin(cancellationToken => RunAsync(record, work.Run, cancellationToken));
        return work.Run;
    }

    private TaskRun NewRun(TaskRecord record) =>
        new(record, new Pace(time, () => load.IsBusy) { BytesPerSecond = record.MaxBytesPerSecond }, time);

    private TaskKind KindOf(TaskRecord record) => kinds.Single(kind => kind.Name == record.Kind);

    private async Task RunAsync(TaskRecord record, TaskRun run, CancellationToken cancellationToken)
    {
        using var saving = new CancellationTokenSource();
        var saver = SavePeriodicallyAsync(run, saving.Token);
        var (state, problem) = await RunToEndAsync(record, run, cancellationToken);
        await saving.CancelAsync();
        await saver;
        try
        {
            await SaveAsync(run, state, problem);
        }
#pragma warning disable CA1031 // the boundary of the task: no caller is left to report to
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotSaved(logger, record.Kind, run.Id, failure); // it stays "running" in the database and continues at the next start
        }
        finally
        {
            _atWork.TryRemove(run.Id, out _);
        }
    }

    private async Task<(TaskState State, string? Problem)> RunToEndAsync(
        TaskRecord record, TaskRun run, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => KindOf(record).RunAsync(run, cancellationToken), CancellationToken.None);
            LogDone(logger, record.Kind, record.Subject, run.Id);
            return (TaskState.Done, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (TaskState.Running, null);
        }
#pragma warning disable CA1031 // the boundary of the task: whatever it throws, it has failed
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(logger, record.Kind, record.Subject, run.Id, failure);
            return (
                TaskState.Failed,
                failure is TaskFailedException or BlobStoreException ? failure.Message : "The server failed; its log has the details.");
        }
    }

    private async Task SavePeriodicallyAsync(TaskRun run, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SaveEvery, time);
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(cancellationToken))
                {
                    return;
                }

                await SaveAsync(run, TaskState.Running, null);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
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

    // Never cancelled half-way, or it would be unknown whether the log lines are stored.
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

#pragma warning disable CA1001 // without a timer or a wait handle the source holds nothing; disposing it could only race with Stop
/// <summary>A task that is running now, and the means to stop it.</summary>
internal sealed class TaskAtWork(TaskRun run)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stop = new();

    public TaskRun Run => run;

    /// <summary>Completes when the work has ended and its end is stored; never fails.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Begin(Func<CancellationToken, Task> work) => Ended = work(_stop.Token);

    public void Stop() => _stop.Cancel();
}
