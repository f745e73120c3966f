using Halley.Protocol;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Moves;
using Halley.Server.StorageRole.Volumes;
using Halley.Server.Tasks;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Volumes;

public sealed partial class VolumesPage
{
    private readonly Dictionary<Guid, string> _refusals = [];
    private IReadOnlyList<VolumeInfo>? _volumes;
    private IReadOnlyList<TaskInfo> _drains = [];
    private string? _problem;

    [Inject]
    private VolumeActions Actions { get; set; } = default!;

    [Inject]
    private TaskActions Tasks { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        var outcome = await Actions.ListAsync(await Administrator.CallerAsync(), Closed);
        _problem = outcome.Refusal?.Reason;
        _drains = await Tasks.UnfinishedAsync(DrainKind.Word, Closed);
        _volumes = outcome.TryGet(out var page, out _) ? page.Items : _volumes;
    }

    private TaskInfo? DrainOf(VolumeInfo volume) => _drains.FirstOrDefault(task => task.Subject == volume.Id.ToString());

    // While a volume is drained, its last measurement is wrong, and the task knows what remains.
    private long? BytesOf(VolumeInfo volume) => DrainOf(volume) is { } drain ? drain.BytesTotal - drain.BytesDone : volume.Bytes;

    private long? FilesOf(VolumeInfo volume) => DrainOf(volume) is { } drain ? drain.FilesTotal - drain.FilesDone : volume.Files;

    private async Task AddAsync()
    {
        var dialog = await Dialogs.ShowAsync<AddVolumeDialog>("Add volume", Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add("The volume was added. New files are placed on it at once.", Severity.Success);
            await RefreshAsync();
        }
    }

    private async Task MoveAsync(VolumeInfo? volume)
    {
        var parameters = new DialogParameters { [nameof(MoveDialog.VolumeId)] = volume?.Id };
        var dialog = await Dialogs.ShowAsync<MoveDialog>(
            volume is null ? "Rebalance volumes" : $"Drain {volume.Path}", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Navigation.NavigateTo(PageLink.To("/storage/tasks"));
        }
    }

    private async Task SetModeAsync(VolumeInfo volume, VolumeMode mode)
    {
        var outcome = await Actions.UpdateAsync(
            await Administrator.CallerAsync(), volume.Id, new UpdateVolume(mode), CancellationToken.None);
        await ShowAsync(volume, outcome.Refusal);
    }

    private async Task TakeOverAsync(VolumeInfo volume)
    {
        var question = $"Use {volume.Path} on this server from now on? Do this only if no process of the other server runs any more: "
            + "two servers that write to one volume damage it.";
        if (!await Dialog.AskAsync(Dialogs, "Take over volume", question, "Take over"))
        {
            return;
        }

        var outcome = await Actions.UpdateAsync(
            await Administrator.CallerAsync(), volume.Id, new UpdateVolume(TakeOver: true), CancellationToken.None);
        if (outcome.Refusal is null)
        {
            Snackbar.Add("The volume was taken over. Its files can be read and written again.", Severity.Success);
        }

        await ShowAsync(volume, outcome.Refusal);
    }

    private async Task RemoveAsync(VolumeInfo volume)
    {
        var question = $"Take {volume.Path} out of service? This is only possible while it holds no files. The directory itself stays.";
        if (!await Dialog.AskAsync(Dialogs, "Remove volume", question, "Remove"))
        {
            return;
        }

        var refusal = await Actions.RemoveAsync(await Administrator.CallerAsync(), volume.Id, CancellationToken.None);
        if (refusal is null)
        {
            Snackbar.Add("The volume was removed.", Severity.Success);
        }

        await ShowAsync(volume, refusal);
    }

    private Task ShowAsync(VolumeInfo volume, Refusal? refusal)
    {
        _refusals.Remove(volume.Id);
        if (refusal is not null)
        {
            _refusals[volume.Id] = refusal.Reason;
        }

        return RefreshAsync();
    }
}
