using System.Globalization;
using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Tasks;

/// <summary><c>/api/v2/tasks</c>. Tasks are started where their subject is, for example by <c>POST /api/v2/volumes/{id}/drain</c>.</summary>
internal static class TasksApi
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 1000;

    public static void MapTasks(this IEndpointRouteBuilder endpoints)
    {
        var hasStorage = endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(TaskKind));
        var group = endpoints.MapGroup("").OnlyWithStorage(hasStorage).WithTags("Tasks").RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapGet(Routes.Tasks, ListAsync);
        group.MapGet(Routes.Task, GetAsync);
        group.MapPatch(Routes.Task, UpdateAsync);
        group.MapGet(Routes.TaskLog, ReadLogAsync);
        group.MapPost(Routes.TaskPause, PauseAsync);
        group.MapPost(Routes.TaskResume, ResumeAsync);
        group.MapPost(Routes.TaskCancel, CancelAsync);
    }

    /// <summary>The answer to a wish about a task, for the places that start tasks, too.</summary>
    public static Results<Ok<TaskInfo>, ProblemHttpResult> Answer(TaskChange change) => change.Task is { } task ? TypedResults.Ok(task) : Refuse(change);

    public static ProblemHttpResult Refuse(TaskChange change) => change == TaskChange.NotFound
        ? Problems.NotFound(change.Code!, change.Reason!)
        : Problems.Conflict(change.Code!, change.Reason!);

    private static async Task<Results<Ok<Page<TaskInfo>>, ProblemHttpResult>> ListAsync(
        TaskList tasks, string? kind, bool? unfinished, Guid? after, int? limit, CancellationToken cancellationToken)
    {
        if ((limit ?? DefaultLimit) is not (>= 1 and <= MaximumLimit and var count))
        {
            return LimitInvalid();
        }

        var found = await tasks.ListAsync(kind, unfinished ?? false, after, count + 1, cancellationToken);
        return TypedResults.Ok(new Page<TaskInfo>([.. found.Take(count)], found.Count > count ? found[count - 1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> GetAsync(Guid taskId, TaskList tasks, CancellationToken cancellationToken) =>
        await tasks.FindAsync(taskId, cancellationToken) is { } task ? TypedResults.Ok(task) : Refuse(TaskChange.NotFound);

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> UpdateAsync(
        Guid taskId, UpdateTask changes, TaskRunner runner, CancellationToken cancellationToken) => changes.MaxBytesPerSecond switch
        {
            < 0 => Problems.BadRequest("rate_invalid", "maxBytesPerSecond must be a number of bytes, 1 or more, or 0 for no limit."),
            var rate => Answer(await runner.LimitAsync(taskId, rate == 0 ? null : rate, cancellationToken)),
        };

    private static async Task<Results<Ok<Page<TaskLogEntry>>, ProblemHttpResult>> ReadLogAsync(
        Guid taskId, TaskList tasks, long? after, int? limit, CancellationToken cancellationToken)
    {
        if ((limit ?? DefaultLimit) is not (>= 1 and <= MaximumLimit and var count))
        {
            return LimitInvalid();
        }

        if (await tasks.FindAsync(taskId, cancellationToken) is null)
        {
            return Refuse(TaskChange.NotFound);
        }

        var lines = await tasks.ReadLogAsync(taskId, after ?? 0, count + 1, cancellationToken);
        return TypedResults.Ok(new Page<TaskLogEntry>(
            [.. lines.Take(count)], lines.Count > count ? lines[count - 1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> PauseAsync(Guid taskId, TaskRunner runner, CancellationToken cancellationToken) =>
        Answer(await runner.PauseAsync(taskId, cancellationToken));

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> ResumeAsync(Guid taskId, TaskRunner runner, CancellationToken cancellationToken) =>
        Answer(await runner.ResumeAsync(taskId, cancellationToken));

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> CancelAsync(Guid taskId, TaskRunner runner, CancellationToken cancellationToken) =>
        Answer(await runner.CancelAsync(taskId, cancellationToken));

    private static ProblemHttpResult LimitInvalid() => Problems.BadRequest("limit_invalid", $"limit must be from 1 to {MaximumLimit}.");
}
