using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole;
using Halley.Server.StorageRole.Scrubs;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
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
    private IReadOnlyList<OpenFindings> _open = [];
    private string? _problem;

    [Inject]
    private VolumeActions Volumes { get; set; } = default!;

    [Inject]
    private ScrubActions Scrubs { get; set; } = default!;

    [Inject]
    private TaskActions Tasks { get; set; } = default!;

    [Inject]
    private StorageOptions Options { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    private string Schedule => Options.ScrubDays == 0
        ? "Files are only read again when you start a scrub."
        : $"Every byte is read again within {Options.ScrubDays} days and compared with its name.";

    protected override async Task LoadAsync()
    {
        var caller = await Administrator.CallerAsync();
        var volumes = await Volumes.ListAsync(caller, Closed);
        var findings = await Scrubs.ListFindingsAsync(caller, state: null, volumeId: null, bucketId: null, after: null, MostShown, Closed);
        _problem = volumes.Refusal?.Reason ?? findings.Refusal?.Reason;
        _scrubs = await Tasks.UnfinishedAsync(ScrubKind.Word, Closed);
        _open = (await Scrubs.CountOpenAsync(caller, Closed)).TryGet(out var counts, out _) ? counts.Items : _open;
        _findings = findings.TryGet(out var found, out _) ? found.Items : _findings;
        _volumes = volumes.TryGet(out var all, out _) ? all.Items : _volumes;
    }

    private async Task StartAsync(VolumeInfo volume) =>
        await ShowAsync(
            volume.Id, await Scrubs.StartAsync(await Administrator.CallerAsync(), volume.Id, new StartScrub(), CancellationToken.None));

    private Task PauseAsync(TaskInfo task) => ChangeAsync(task, Tasks.PauseAsync);

    private Task ResumeAsync(TaskInfo task) => ChangeAsync(task, Tasks.ResumeAsync);

    private async Task CancelAsync(TaskInfo task)
    {
        var question = "Cancel this scrub? The files read so far stay verified; the next scrub reads the rest.";
        if (await Dialog.AskAsync(Dialogs, "Cancel scrub", question, "Cancel scrub"))
        {
            await ChangeAsync(task, Tasks.CancelAsync);
        }
    }

    private async Task DismissAsync(ScrubFindingInfo finding)
    {
        var question = $"Dismiss the finding about {finding.Path}? Do this when the file is no longer needed, "
            + "for example because its backup was deleted.";
        if (await Dialog.AskAsync(Dialogs, "Dismiss finding", question, "Dismiss"))
        {
            var outcome = await Scrubs.DismissAsync(await Administrator.CallerAsync(), finding.Id, CancellationToken.None);
            await RefreshAsync();
            _problem = outcome.Refusal?.Reason ?? _problem;
        }
    }

    private async Task ChangeAsync(TaskInfo task, Func<Caller, Guid, CancellationToken, Task<Outcome<TaskInfo>>> change) =>
        await ShowAsync(Guid.Parse(task.Subject), await change(await Administrator.CallerAsync(), task.Id, CancellationToken.None));

    private Task ShowAsync(Guid volumeId, Outcome<TaskInfo> outcome)
    {
        _refusals.Remove(volumeId);
        if (outcome.Refusal is { } refusal)
        {
            _refusals[volumeId] = refusal.Reason;
        }

        return RefreshAsync();
    }
}
