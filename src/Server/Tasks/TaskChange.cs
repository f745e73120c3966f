using Halley.Protocol;

namespace Halley.Server.Tasks;

/// <summary>What became of a wish about a task.</summary>
/// <param name="Task">The task as it is now; null when it was refused.</param>
/// <param name="Code">Stable code of a refusal.</param>
/// <param name="Reason">What the administrator can do about it.</param>
internal sealed record TaskChange(TaskInfo? Task, string? Code, string? Reason)
{
    public static TaskChange NotFound { get; } = new(null, "task_not_found", "There is no such task.");

    public static TaskChange Done(TaskInfo task) => new(task, null, null);

    public static TaskChange Refused(string code, string reason) => new(null, code, reason);
}
