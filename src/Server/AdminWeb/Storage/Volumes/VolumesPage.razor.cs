using Halley.Protocol;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.StorageRole.Volumes;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Volumes;

public sealed partial class VolumesPage
{
    private readonly Dictionary<Guid, string> _refusals = [];
    private IReadOnlyList<VolumeInfo>? _volumes;

    [Inject]
    private VolumeCatalog Catalog { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    protected override async Task LoadAsync() => _volumes = await Catalog.ListAsync(Closed);

    private async Task AddAsync()
    {
        var dialog = await Dialogs.ShowAsync<AddVolumeDialog>("Add volume", Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add("The volume is added and takes files at once.", Severity.Success);
            await RefreshAsync();
        }
    }

    private async Task MoveAsync(VolumeInfo? volume)
    {
        var parameters = new DialogParameters { [nameof(MoveDialog.VolumeId)] = volume?.Id };
        var dialog = await Dialogs.ShowAsync<MoveDialog>(volume is null ? "Rebalance volumes" : $"Drain {volume.Path}", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Navigation.NavigateTo("/storage/tasks");
        }
    }

    private async Task SetModeAsync(VolumeInfo volume, VolumeMode mode)
    {
        _refusals.Remove(volume.Id);
        if (await Catalog.SetModeAsync(volume.Id, mode, Closed) is null)
        {
            _refusals[volume.Id] = "There is no such volume any more.";
        }

        await RefreshAsync();
    }

    private async Task RemoveAsync(VolumeInfo volume)
    {
        _refusals.Remove(volume.Id);
        var sure = await Dialog.AskAsync(
            Dialogs, "Remove volume", $"Take {volume.Path} out of service? This works only while it holds no files; the directory itself stays.", "Remove");
        if (!sure)
        {
            return;
        }

        var change = await Catalog.RemoveAsync(volume.Id, Closed);
        if (change.Reason is { } reason)
        {
            _refusals[volume.Id] = reason;
        }
        else
        {
            Snackbar.Add("The volume is removed.", Severity.Success);
        }

        await RefreshAsync();
    }
}
