using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Halley.Server.Tasks;

/// <summary><c>/api/v2/tasks</c>. A task is started on its subject, for example with <c>POST /api/v2/volumes/{id}/drain</c>.</summary>
internal static class TasksApi
{
    public static void MapTasks(this IEndpointRouteBuilder endpoints)
    {
        var hasStorage = endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(TaskKind));
        var group = endpoints.MapGroup("").OnlyWithStorage(hasStorage).WithTags("Tasks")
            .RequireAuthorization(Policies.AdministratorWho(Requires.TopLevel));
        group.MapGet(Routes.Tasks, ListAsync);
        group.MapGet(Routes.Task, GetAsync);
        group.MapPatch(Routes.Task, UpdateAsync);
        group.MapGet(Routes.TaskLog, ReadLogAsync);
        group.MapPost(Routes.TaskPause, PauseAsync);
        group.MapPost(Routes.TaskResume, ResumeAsync);
        group.MapPost(Routes.TaskCancel, CancelAsync);
    }

    private static async Task<Results<Ok<Page<TaskInfo>>, ProblemHttpResult>> ListAsync(
        Caller caller, TaskActions tasks, string? kind, bool? unfinished, Guid? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong
            ? wrong
            : (await tasks.ListAsync(caller, kind, unfinished ?? false, after, count, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> GetAsync(
        Guid taskId, Caller caller, TaskActions tasks, CancellationToken cancellationToken) =>
        (await tasks.FindAsync(caller, taskId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> UpdateAsync(
        Guid taskId, UpdateTask changes, Caller caller, TaskActions tasks, CancellationToken cancellationToken) =>
        (await tasks.UpdateAsync(caller, taskId, changes, cancellationToken)).ToOk();

    private static async Task<Results<Ok<Page<TaskLogEntry>>, ProblemHttpResult>> ReadLogAsync(
        Guid taskId, Caller caller, TaskActions tasks, long? after, int? limit, CancellationToken cancellationToken) =>
        Paging.Of(limit, out var count) is { } wrong
            ? wrong
            : (await tasks.ReadLogAsync(caller, taskId, after ?? 0, count, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> PauseAsync(
        Guid taskId, Caller caller, TaskActions tasks, CancellationToken cancellationToken) =>
        (await tasks.PauseAsync(caller, taskId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> ResumeAsync(
        Guid taskId, Caller caller, TaskActions tasks, CancellationToken cancellationToken) =>
        (await tasks.ResumeAsync(caller, taskId, cancellationToken)).ToOk();

    private static async Task<Results<Ok<TaskInfo>, ProblemHttpResult>> CancelAsync(
        Guid taskId, Caller caller, TaskActions tasks, CancellationToken cancellationToken) =>
        (await tasks.CancelAsync(caller, taskId, cancellationToken)).ToOk();
}
