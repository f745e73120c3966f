using Halley.Protocol;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Tasks;

public sealed partial class TasksPage
{
    private const int MostShown = 50;
    private const int MostLines = 200;
    private readonly Dictionary<Guid, string> _refusals = [];
    private IReadOnlyList<TaskInfo>? _tasks;
    private IReadOnlyList<TaskLogEntry> _log = [];
    private Guid? _logOf;

    [Inject]
    private TaskList List { get; set; } = default!;

    [Inject]
    private TaskRunner Runner { get; set; } = default!;

    [Inject]
    private VolumeSet Volumes { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        _tasks = await List.ListAsync(kind: null, unfinishedOnly: false, after: null, MostShown, Closed);
        if (_logOf is { } id)
        {
            _log = await List.ReadLogAsync(id, after: 0, MostLines, Closed);
        }
    }

    // A volume is known to people by its path.
    private string TitleOf(TaskInfo task)
    {
        var subject = Guid.TryParse(task.Subject, out var id) && Volumes.Find(id) is { } volume ? volume.Path : task.Subject;
        return $"{char.ToUpperInvariant(task.Kind[0])}{task.Kind[1..]} {subject}".TrimEnd();
    }

    private static double PercentOf(TaskInfo task) => task switch
    {
        { State: TaskState.Done } => 100,
        { BytesTotal: > 0 and var total } => Math.Min(100, 100.0 * task.BytesDone / total),
        _ => 0,
    };

    private static string Duration(long seconds) => TimeSpan.FromSeconds(seconds) switch
    {
        { TotalDays: >= 1 } long_ => $"{(int)long_.TotalDays} d {long_.Hours} h",
        { TotalHours: >= 1 } hours => $"{hours.Hours} h {hours.Minutes} min",
        { TotalMinutes: >= 1 } minutes => $"{minutes.Minutes} min",
        var short_ => $"{short_.Seconds} s",
    };

    private async Task ActAsync(TaskInfo task, Func<Guid, CancellationToken, Task<TaskChange>> act)
    {
        _refusals.Remove(task.Id);
        if ((await act(task.Id, Closed)).Reason is { } reason)
        {
            _refusals[task.Id] = reason;
        }

        await RefreshAsync();
    }

    private async Task CancelAsync(TaskInfo task)
    {
        var question = $"End the task “{TitleOf(task)}” for good? What it has done stays done; nothing is lost.";
        if (await Dialog.AskAsync(Dialogs, "Cancel task", question, "End it"))
        {
            await ActAsync(task, Runner.CancelAsync);
        }
    }

    private async Task ToggleLogAsync(TaskInfo task)
    {
        _logOf = _logOf == task.Id ? null : task.Id;
        await RefreshAsync();
    }
}
