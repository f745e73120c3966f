using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Live.Devices;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Devices;

public sealed partial class DevicePage
{
    private const int FirstShown = 10;
    private const int MoreShown = 40;
    private const int AnswerSeconds = 15;
    private readonly HashSet<string> _cancelling = [];
    private DeviceStatus? _device;
    private UserProfileConfig? _profile;
    private IReadOnlyList<DeviceCommandInfo> _commands = [];
    private int _shown = FirstShown;
    private bool _hasMore;
    private bool _isMissing;

    [SupplyParameterFromQuery]
    private string? User { get; set; }

    [SupplyParameterFromQuery]
    private string? Id { get; set; }

    [Inject]
    private LiveDeviceActions Devices { get; set; } = default!;

    [Inject]
    private CommandActions Commands { get; set; } = default!;

    [Inject]
    private ProfileStore Profiles { get; set; } = default!;

    [Inject]
    private JobActions Jobs { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        _device = (await Devices.GetAsync(caller, Id ?? "", User ?? "", Closed)).TryGet(out var device, out _) ? device : null;
        _isMissing = _device is null;
        if (device is null)
        {
            return;
        }

        var commands = await Commands.ListAsync(caller, device.DeviceId, device.Username, after: null, _shown, Closed);
        if (!commands.TryGet(out var page, out _))
        {
            return;
        }

        _profile = (await Profiles.FindAsync(device.Username, caller.Scope, Closed))?.Profile;
        (_commands, _hasMore) = (page.Items, page.Next is not null);
    }

    private Task ShowMoreAsync()
    {
        _shown += MoreShown;
        return RefreshAsync();
    }

    private async Task GiveAsync(GiveCommand request)
    {
        var closed = Closed;
        if (_device is not { } device)
        {
            return;
        }

        var caller = await Viewer.CallerAsync();
        var outcome = await Commands.GiveAsync(
            caller, device.DeviceId, device.Username, request with { WaitSeconds = AnswerSeconds }, CancellationToken.None);
        await ShowAsync(outcome.TryGet(out var command, out var refusal) ? MessageOf(command) : (refusal.Reason, Severity.Error), closed);
    }

    private (string Text, Severity Severity) MessageOf(DeviceCommandInfo command)
    {
        var (text, severity) = command.State switch
        {
            CommandStates.Done => ("done.", Severity.Success),
            CommandStates.Failed or CommandStates.Expired => (command.Message, Severity.Error),
            CommandStates.Queued => ("kept until the device connects.", Severity.Info),
            _ => ("sent to the device. The result will appear under Commands.", Severity.Info),
        };
        return ($"{CommandWords.TitleOf(command, _profile)}: {text}", severity);
    }

    private async Task WithdrawAsync(DeviceCommandInfo command)
    {
        var closed = Closed;
        var refusal = await Commands.WithdrawAsync(await Viewer.CallerAsync(), command.Id, CancellationToken.None);
        await ShowAsync(refusal is null
            ? ($"{CommandWords.TitleOf(command, _profile)}: withdrawn.", Severity.Success)
            : (refusal.Reason, Severity.Warning), closed);
    }

    private async Task CancelJobAsync(RunningJob job)
    {
        var closed = Closed;
        var question = $"Stop this job ({DeviceWords.KindOf(job).ToLowerInvariant()})? "
            + "The next backup reuses data that is already uploaded.";
        if (_device is not { } device || !await Dialog.AskAsync(Dialogs, "Cancel job", question, "Stop it") || !_cancelling.Add(job.Id))
        {
            return;
        }

        var refusal = await Jobs.CancelAsync(JobScope.Of(await Viewer.CallerAsync()), device.Username, job.Id, CancellationToken.None);
        _cancelling.Remove(job.Id);
        await ShowAsync(refusal is null
            ? ("The device stops the job. The job leaves the list when the device reports its end.", Severity.Success)
            : ($"The job can't be stopped: {refusal.Reason}", Severity.Error), closed);
    }

    private async Task DropAsync()
    {
        var closed = Closed;
        if (_device is { } device)
        {
            var refusal = await Devices.DropAsync(await Viewer.CallerAsync(), device.DeviceId, device.Username, CancellationToken.None);
            await ShowAsync(refusal is null
                ? ("The connection is closed. The device reconnects by itself within seconds.", Severity.Success)
                : (refusal.Reason, Severity.Info), closed);
        }
    }

    // The administrator may leave the page while the device works.
    private async Task ShowAsync((string Text, Severity Severity) message, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            Snackbar.Add(message.Text, message.Severity);
            await RefreshAsync();
        }
    }
}
