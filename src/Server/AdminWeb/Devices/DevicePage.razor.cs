using System.Text.Json;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.Profiles;
using Halley.Server.Live;
using Halley.Server.Live.Commands;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Devices;

public sealed partial class DevicePage
{
    private const int FirstShown = 10;
    private const int MoreShown = 40;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(15);
    private readonly HashSet<string> _cancelling = [];
    private FleetMember? _member;
    private FleetDevice? _device;
    private UserProfileConfig? _profile;
    private IReadOnlyList<CommandRow> _commands = [];
    private int _shown = FirstShown;
    private bool _hasMore;
    private bool _isMissing;

    [SupplyParameterFromQuery]
    private string? User { get; set; }

    [SupplyParameterFromQuery]
    private string? Id { get; set; }

    [Inject]
    private Fleet Fleet { get; set; } = default!;

    [Inject]
    private LiveDevices Live { get; set; } = default!;

    [Inject]
    private LivePresence Presence { get; set; } = default!;

    [Inject]
    private DeviceCommands Commands { get; set; } = default!;

    [Inject]
    private CommandStore Store { get; set; } = default!;

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

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    protected override async Task LoadAsync()
    {
        var scope = await Viewer.ScopeAsync();
        _member = await FindAsync(scope);
        _device = _member is { } member ? await Fleet.ShowAsync(member, Closed) : null;
        _isMissing = _device is null;
        if (_member is null || _device is null)
        {
            return;
        }

        var profile = (await Profiles.FindAsync(_member.Username, scope, Closed))?.Profile;
        var commands = await Store.ListAsync(scope, _member.Key, before: null, _shown + 1, Closed);
        _hasMore = commands.Count > _shown;
        _commands = [.. commands.Take(_shown).Select(command => RowOf(command, profile))];
        _profile = profile;
    }

    private async Task<FleetMember?> FindAsync(TenantScope scope) =>
        User is { Length: > 0 } user && Id is { Length: > 0 } id && !(user + id).Contains('\0', StringComparison.Ordinal)
            ? (await Fleet.FindAsync(id, user, scope, Closed)).SingleOrDefault()
            : null;

    private CommandRow RowOf(StoredCommand command, UserProfileConfig? profile) => new(
        command.Id, CommandWords.TitleOf(command.Kind, Store.Open(command.Arguments), profile), command.State, command.Message, command.Actor, command.CreatedAt,
        command.ExpiresAt, command.EndedAt);

    private Task ShowMoreAsync()
    {
        _shown += MoreShown;
        return RefreshAsync();
    }

    private async Task GiveAsync(ChosenCommand chosen)
    {
        var closed = Closed;
        if (_member is not { } member || (chosen.Question is { } question && !await Dialog.AskAsync(Dialogs, "Are you sure?", question, "Yes, do it")))
        {
            return;
        }

        var arguments = JsonSerializer.Serialize(chosen.Arguments, chosen.Arguments.GetType(), LiveJson.Arguments);
        var request = new CommandRequest(
            member.Key, member.Username, member.OrganizationId, CommandCatalog.Of(chosen.Kind), arguments, chosen.Ttl, await Viewer.NameAsync());
        var (command, giving) = await Commands.AddAsync(request, CancellationToken.None);
        await RefreshIfOpenAsync(closed);
        await giving.WaitAsync(AnswerLimit, Clock, closed).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (!closed.IsCancellationRequested && await Store.FindAsync(command.Id, TenantScope.Everything, account: null, CancellationToken.None) is { } now)
        {
            Tell(RowOf(now, _profile));
            await RefreshIfOpenAsync(closed);
        }
    }

    private void Tell(CommandRow command)
    {
        var (what, severity) = command.State switch
        {
            CommandStates.Done => ("the device has done it.", Severity.Success),
            CommandStates.Failed or CommandStates.Expired => (command.Message, Severity.Error),
            CommandStates.Queued => ("kept until the device connects.", Severity.Info),
            _ => ("the device has it; how it ends is shown under Commands.", Severity.Info),
        };
        Snackbar.Add($"{command.Title}: {what}", severity);
    }

    private async Task WithdrawAsync(CommandRow command)
    {
        var closed = Closed;
        if (await Store.WithdrawAsync(command.Id, CancellationToken.None))
        {
            Snackbar.Add($"{command.Title}: taken back.", Severity.Success);
        }
        else
        {
            Snackbar.Add($"{command.Title}: the device has got it already, so it cannot be taken back.", Severity.Warning);
        }

        await RefreshIfOpenAsync(closed);
    }

    private async Task CancelJobAsync(RunningJob job)
    {
        var closed = Closed;
        var question = $"Stop this job ({DeviceWords.KindOf(job).ToLowerInvariant()})? What a backup has uploaded is used by the next one.";
        if (_member is not { } member || !await Dialog.AskAsync(Dialogs, "Cancel job", question, "Stop it") || !_cancelling.Add(job.Id))
        {
            return;
        }

        var refusal = await Jobs.CancelAsync(JobScope.Of(await Viewer.CallerAsync()), member.Username, job.Id, CancellationToken.None);
        _cancelling.Remove(job.Id);
        if (refusal is null)
        {
            Snackbar.Add("The device stops the job; it goes from the list when the device reports its end.", Severity.Success);
        }
        else
        {
            Snackbar.Add($"The job cannot be stopped: {refusal.Reason}", Severity.Error);
        }

        await RefreshIfOpenAsync(closed);
    }

    private async Task CloseAsync()
    {
        var closed = Closed;
        if (_member is { } member && Live.Find(member.Key) is { } device)
        {
            await Presence.DismissAsync(device, DevicesApi.Dropped(await Viewer.NameAsync()));
            Snackbar.Add("The connection is closed. The device comes back by itself within seconds.", Severity.Success);
        }
        else
        {
            Snackbar.Add("The device is not connected any more.", Severity.Info);
        }

        await RefreshIfOpenAsync(closed);
    }

    // A device may take its time, and the page may be left meanwhile.
    private Task RefreshIfOpenAsync(CancellationToken closed) => closed.IsCancellationRequested ? Task.CompletedTask : RefreshAsync();
}
