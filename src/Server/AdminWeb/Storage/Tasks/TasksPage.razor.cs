using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
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
    private Dictionary<string, string> _paths = [];
    private string? _problem;
    private Guid? _logOf;

    [Inject]
    private TaskActions Actions { get; set; } = default!;

    [Inject]
    private VolumeActions Volumes { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        var caller = await Administrator.CallerAsync();
        var outcome = await Actions.ListAsync(caller, kind: null, unfinishedOnly: false, after: null, MostShown, Closed);
        _problem = outcome.Refusal?.Reason;
        _tasks = outcome.TryGet(out var tasks, out _) ? tasks.Items : _tasks;
        _paths = (await Volumes.ListAsync(caller, Closed)).TryGet(out var volumes, out _)
            ? volumes.Items.ToDictionary(volume => volume.Id.ToString(), volume => volume.Path)
            : _paths;
        if (_logOf is { } id)
        {
            _log = (await Actions.ReadLogAsync(caller, id, after: 0, MostLines, Closed)).TryGet(out var log, out _) ? log.Items : [];
        }
    }

    // People know a volume by its path.
    private string TitleOf(TaskInfo task) =>
        $"{char.ToUpperInvariant(task.Kind[0])}{task.Kind[1..]} {_paths.GetValueOrDefault(task.Subject, task.Subject)}".TrimEnd();

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

    private async Task ActAsync(TaskInfo task, Func<Caller, Guid, CancellationToken, Task<Outcome<TaskInfo>>> act)
    {
        _refusals.Remove(task.Id);
        if ((await act(await Administrator.CallerAsync(), task.Id, CancellationToken.None)).Refusal is { } refusal)
        {
            _refusals[task.Id] = refusal.Reason;
        }

        await RefreshAsync();
    }

    private async Task CancelAsync(TaskInfo task)
    {
        var question = $"Cancel the task “{TitleOf(task)}”? It cannot be resumed. Finished work stays, and no file is lost.";
        if (await Dialog.AskAsync(Dialogs, "Cancel task", question, "Cancel task"))
        {
            await ActAsync(task, Actions.CancelAsync);
        }
    }

    private async Task ToggleLogAsync(TaskInfo task)
    {
        _logOf = _logOf == task.Id ? null : task.Id;
        await RefreshAsync();
    }
}
