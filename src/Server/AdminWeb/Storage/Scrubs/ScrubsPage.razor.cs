using Halley.Protocol;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Halley.Storage.Spanning;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Scrubs;

public sealed partial class ScrubsPage
{
    private const int MostShown = 100;
    private readonly Dictionary<Guid, string> _refusals = [];
    private IReadOnlyList<VolumeInfo>? _volumes;
    private IReadOnlyList<TaskInfo> _scrubs = [];
    private IReadOnlyList<ScrubFindingInfo> _findings = [];

    [Inject]
    private VolumeCatalog Catalog { get; set; } = default!;

    [Inject]
    private VolumeSet Volumes { get; set; } = default!;

    [Inject]
    private ScrubScheduleWork Scheduled { get; set; } = default!;

    [Inject]
    private ScrubFindings Findings { get; set; } = default!;

    [Inject]
    private TaskList Tasks { get; set; } = default!;

    [Inject]
    private TaskRunner Runner { get; set; } = default!;

    [Inject]
    private StorageOptions Options { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    private string Schedule => Options.ScrubDays == 0
        ? "Files are only read again when somebody asks for it."
        : $"Every byte is read again within {Options.ScrubDays} days and compared with its name.";

    protected override async Task LoadAsync()
    {
        _scrubs = await Tasks.ListAsync(ScrubKind.Word, unfinishedOnly: true, after: null, MostShown, Closed);
        _findings = await Findings.ListAsync(state: null, volumeId: null, bucketId: null, after: null, MostShown, Closed);
        _volumes = await Catalog.ListAsync(Closed);
    }

    private async Task StartAsync(VolumeInfo volume)
    {
        if (Volumes.Find(volume.Id) is { } found)
        {
            Show(volume.Id, await Scheduled.StartNowAsync(found, await Viewer.NameAsync(), maxBytesPerSecond: null, Closed));
        }

        await RefreshAsync();
    }

    private Task PauseAsync(TaskInfo task) => ChangeAsync(task, Runner.PauseAsync);

    private Task ResumeAsync(TaskInfo task) => ChangeAsync(task, Runner.ResumeAsync);

    private async Task CancelAsync(TaskInfo task)
    {
        if (await Dialog.AskAsync(Dialogs, "Cancel scrub", "End this scrub? What was read so far counts; the rest waits for the next one.", "Cancel scrub"))
        {
            await ChangeAsync(task, Runner.CancelAsync);
        }
    }

    private async Task DismissAsync(ScrubFindingInfo finding)
    {
        var question = $"Nothing is to be done about {finding.Path}? That is right when its backup was deleted, for example.";
        if (await Dialog.AskAsync(Dialogs, "Dismiss finding", question, "Dismiss"))
        {
            await Findings.DismissAsync(finding.Id, await Viewer.NameAsync(), Closed);
            await RefreshAsync();
        }
    }

    private async Task ChangeAsync(TaskInfo task, Func<Guid, CancellationToken, Task<TaskChange>> change)
    {
        Show(Guid.Parse(task.Subject), await change(task.Id, Closed));
        await RefreshAsync();
    }

    private void Show(Guid volumeId, TaskChange change)
    {
        _refusals.Remove(volumeId);
        if (change.Reason is { } reason)
        {
            _refusals[volumeId] = reason;
        }
    }
}
