using Halley.Protocol;
using Halley.Server.Data;
using Microsoft.EntityFrameworkCore;

namespace Halley.Server.Tasks;

/// <summary>Reads the tasks and their logs.</summary>
internal sealed class TaskList(IDbContextFactory<ServerDbContext> databases, TaskRunner runner)
{
    /// <summary>Newest first; those before a given one when <paramref name="after"/> names one.</summary>
    public async Task<IReadOnlyList<TaskInfo>> ListAsync(string? kind, bool unfinishedOnly, Guid? after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var query = database.Set<TaskRecord>().AsNoTracking();
        if (kind is not null)
        {
            query = query.Where(task => task.Kind == kind);
        }

        if (unfinishedOnly)
        {
            query = query.Where(task => task.State == TaskState.Running || task.State == TaskState.Paused || task.State == TaskState.Failed);
        }

        if (after is not null && await database.Set<TaskRecord>().AsNoTracking().FirstOrDefaultAsync(task => task.Id == after, cancellationToken) is { } last)
        {
            query = query.Where(task => task.CreatedAt < last.CreatedAt || (task.CreatedAt == last.CreatedAt && task.Id.CompareTo(last.Id) < 0));
        }

        var found = await query.OrderByDescending(task => task.CreatedAt).ThenByDescending(task => task.Id).Take(limit).ToListAsync(cancellationToken);
        return [.. found.Select(task => task.ToWire(runner.FindRun(task.Id)))];
    }

    public async Task<TaskInfo?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<TaskRecord>().AsNoTracking().FirstOrDefaultAsync(task => task.Id == id, cancellationToken) is { } task
            ? task.ToWire(runner.FindRun(id))
            : null;
    }

    /// <summary>Lines of a task's log in their order.</summary>
    public async Task<IReadOnlyList<TaskLogEntry>> ReadLogAsync(Guid id, long after, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<TaskLogLine>().Where(line => line.TaskId == id && line.Sequence > after).OrderBy(line => line.Sequence).Take(limit)
            .Select(line => new TaskLogEntry(line.Sequence, line.At, line.Text)).ToListAsync(cancellationToken);
    }
}
