using System.Globalization;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Data;
using Halley.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tasks;

/// <summary>
/// Operations of an administrator on tasks. The feature that a task belongs to starts it: for example, the volumes start a drain.
/// </summary>
internal sealed class TaskActions(
    IDbContextFactory<ServerDbContext> databases, TaskRunner runner, IEnumerable<TaskKind> kinds, TimeProvider time)
{
    private const Requires Rights = Requires.TopLevel | Requires.EditServerSettings;

    /// <summary>Tasks, newest first.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="kind">Only tasks of this kind, in any case; null for all.</param>
    /// <param name="unfinishedOnly">True to leave out tasks that are done or cancelled.</param>
    /// <param name="after">Only tasks that follow this one in the list; null to begin with the newest.</param>
    /// <param name="count">Most tasks to return.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<Outcome<Page<TaskInfo>>> ListAsync(
        Caller caller, string? kind, bool unfinishedOnly, Guid? after, int count, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.TopLevel) is { } refusal)
        {
            return refusal;
        }

        var names = kinds.Select(one => one.Name).Order(StringComparer.Ordinal).ToList();
        var wanted = names.Find(name => name.Equals(kind, StringComparison.OrdinalIgnoreCase));
        if (kind is not null && wanted is null)
        {
            return Refusal.Invalid("kind_unknown", $"kind must be one of {string.Join(", ", names)}.");
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var query = database.Set<TaskRecord>().AsNoTracking();
        query = wanted is null ? query : query.Where(task => task.Kind == wanted);
        query = unfinishedOnly ? Unfinished(query) : query;
        if (after is not null && await FindAsync(database, after.Value, cancellationToken) is { } last)
        {
            query = query.Where(
                task => task.CreatedAt < last.CreatedAt || (task.CreatedAt == last.CreatedAt && task.Id.CompareTo(last.Id) < 0));
        }

        var found = await query.OrderByDescending(task => task.CreatedAt).ThenByDescending(task => task.Id).Take(count + 1)
            .ToListAsync(cancellationToken);
        return Paging.Page(found, count, task => task.ToWire(runner.FindRun(task.Id)), task => task.Id.ToString());
    }

    public async Task<Outcome<TaskInfo>> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.TopLevel) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await FindAsync(database, id, cancellationToken) is { } task ? task.ToWire(runner.FindRun(id)) : TaskRunner.NotFound;
    }

    /// <summary>The lines of a task's log that follow line <paramref name="after"/>, oldest first.</summary>
    public async Task<Outcome<Page<TaskLogEntry>>> ReadLogAsync(
        Caller caller, Guid id, long after, int count, CancellationToken cancellationToken)
    {
        if (caller.Lacks(Requires.TopLevel) is { } refusal)
        {
            return refusal;
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(database, id, cancellationToken) is null)
        {
            return TaskRunner.NotFound;
        }

        var lines = await database.Set<TaskLogLine>().Where(line => line.TaskId == id && line.Sequence > after)
            .OrderBy(line => line.Sequence)
            .Take(count + 1).Select(line => new TaskLogEntry(line.Sequence, line.At, line.Text)).ToListAsync(cancellationToken);
        return Paging.Page(lines, count, line => line, line => line.Sequence.ToString(CultureInfo.InvariantCulture));
    }

    public Task<Outcome<TaskInfo>> PauseAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, async (record, database) =>
        {
            if (record.State != TaskState.Running)
            {
                return Refusal.Conflict("task_not_running", "Only a running task can be paused.");
            }

            await runner.EndWorkAsync(record, database, cancellationToken);
            record.State = record.State == TaskState.Running ? TaskState.Paused : record.State; // it may have finished a moment before
            return null;
        }, cancellationToken);

    public Task<Outcome<TaskInfo>> ResumeAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, (record, _) =>
        {
            if (record.State is not (TaskState.Paused or TaskState.Failed))
            {
                return Task.FromResult<Refusal?>(
                    Refusal.Conflict("task_not_paused", "Only a task that is paused or has failed can be resumed."));
            }

            (record.State, record.Problem, record.EndedAt) = (TaskState.Running, null, null);
            return Task.FromResult<Refusal?>(null);
        }, cancellationToken);

    public Task<Outcome<TaskInfo>> CancelAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, async (record, database) =>
        {
            if (!record.IsUnfinished)
            {
                return Refusal.Conflict("task_ended", "The task has already ended.");
            }

            await runner.EndWorkAsync(record, database, cancellationToken);
            if (record.IsUnfinished)
            {
                (record.State, record.EndedAt) = (TaskState.Cancelled, time.GetUtcNow().UtcDateTime);
                await runner.ReleaseAsync(record, cancellationToken);
            }

            return null;
        }, cancellationToken);

    /// <summary>Limits the rate of a task; 0 removes the limit.</summary>
    public Task<Outcome<TaskInfo>> UpdateAsync(Caller caller, Guid id, UpdateTask request, CancellationToken cancellationToken) =>
        ChangeAsync(caller, id, (record, _) =>
        {
            if (TaskRate.Check(request.MaxBytesPerSecond) is { } refusal)
            {
                return Task.FromResult<Refusal?>(refusal);
            }

            record.MaxBytesPerSecond = TaskRate.Of(request.MaxBytesPerSecond);
            if (runner.FindRun(id) is { } run)
            {
                run.Pace.BytesPerSecond = record.MaxBytesPerSecond;
                run.Log(record.MaxBytesPerSecond is { } limit
                    ? $"{caller.Name} limited the task to {limit} bytes a second."
                    : $"{caller.Name} removed the limit of the task.");
            }

            return Task.FromResult<Refusal?>(null);
        }, cancellationToken);

    /// <summary>All unfinished tasks of a kind, newest first, for features that start tasks.</summary>
    public async Task<IReadOnlyList<TaskInfo>> UnfinishedAsync(string kind, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var found = await Unfinished(database.Set<TaskRecord>().AsNoTracking().Where(task => task.Kind == kind))
            .OrderByDescending(task => task.CreatedAt).ToListAsync(cancellationToken);
        return found.ConvertAll(task => task.ToWire(runner.FindRun(task.Id)));
    }

    private static IQueryable<TaskRecord> Unfinished(IQueryable<TaskRecord> tasks) =>
        tasks.Where(task => task.State == TaskState.Running || task.State == TaskState.Paused || task.State == TaskState.Failed);

    private static Task<TaskRecord?> FindAsync(ServerDbContext database, Guid id, CancellationToken cancellationToken) =>
        database.Set<TaskRecord>().AsNoTracking().FirstOrDefaultAsync(task => task.Id == id, cancellationToken);

    private async Task<Outcome<TaskInfo>> ChangeAsync(
        Caller caller, Guid id, Func<TaskRecord, ServerDbContext, Task<Refusal?>> change, CancellationToken cancellationToken) =>
        caller.Lacks(Rights) is { } refusal ? refusal : await runner.ChangeAsync(id, change, cancellationToken);
}

/// <summary>The rate of a task in requests: bytes a second; 0 and null mean no limit.</summary>
internal static class TaskRate
{
    public static Refusal? Check(long? requested) =>
        requested < 0
            ? Refusal.Invalid("rate_invalid", "maxBytesPerSecond must be a number of bytes, 1 or more, or 0 for no limit.")
            : null;

    public static long? Of(long? requested) => requested is > 0 ? requested : null;
}
