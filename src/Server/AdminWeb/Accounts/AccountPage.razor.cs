using Halley.Protocol.Jobs;
using Halley.Protocol.Live;
using Halley.Protocol.Profiles;
using Halley.Server.Access;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.AuthRole.BackupJobs;
using Halley.Server.AuthRole.SignIn;
using Halley.Server.AuthRole.UserPolicies;
using Halley.Server.Live.Devices;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Accounts;

public sealed partial class AccountPage
{
    private const int DevicesShown = 50;
    private const int JobsShown = 20;

    private readonly ListPosition<string?> _position = new();
    private AccountOverview? _overview;
    private UserProfileConfig? _profile;
    private IReadOnlyList<DeviceStatus> _devices = [];
    private IReadOnlyList<BackupJobDetail> _jobs = [];
    private string? _policy;
    private bool _hasMoreDevices;
    private bool _isMissing;

    [SupplyParameterFromQuery]
    private string? User { get; set; }

    [Inject]
    private AccountOverviewActions Accounts { get; set; } = default!;

    [Inject]
    private ProfileActions Profiles { get; set; } = default!;

    [Inject]
    private PolicyActions UserPolicies { get; set; } = default!;

    [Inject]
    private LiveDeviceActions Devices { get; set; } = default!;

    [Inject]
    private JobStore Jobs { get; set; } = default!;

    [Inject]
    private OrganizationCache Organizations { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    private DateTime Now => Clock.GetUtcNow().UtcDateTime;

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        var account = new AccountCaller(caller, (User ?? "").Replace("\0", "", StringComparison.Ordinal));
        if (!(await Accounts.FindAsync(account, Closed)).TryGet(out var overview, out _)
            || !(await Profiles.FindAsync(account, Closed)).TryGet(out var stored, out _)
            || !(await Jobs.ScopeOfAsync(account, Closed)).TryGet(out var scope, out _))
        {
            _isMissing = true;
            return;
        }

        if ((await Devices.ListAsync(caller, new DeviceFilter(account.Username), DevicesShown, Closed)).TryGet(out var devices, out _))
        {
            (_devices, _hasMoreDevices) = (devices.Items, devices.Next is not null);
        }

        _policy = overview.Account.PolicyId is { Length: > 0 } policy
            && (await UserPolicies.FindAsync(caller, policy, Closed)).TryGet(out var found, out _) ? found.Description : null;
        await LoadJobsAsync(scope);
        (_overview, _profile, _isMissing) = (overview, stored.Profile, false);
    }

    private async Task LoadJobsAsync(JobScope scope)
    {
        var start = _position.Start;
        var filter = new JobFilter { After = start is not null && JobFilter.TryParseToken(start, out var after) ? after : null };
        var found = await Jobs.PageAsync(scope, filter, JobsShown + 1, Closed);
        // After a step to another page in the meantime, another load is reading the jobs for it.
        if (start == _position.Start)
        {
            var page = Paging.Page(found, JobsShown, job => JobDocument.Read(job.Document), JobFilter.TokenOf);
            (_jobs, _position.Next) = (page.Items, page.Next);
        }
    }

    private async Task BackUpAsync()
    {
        var parameters = new DialogParameters
        {
            [nameof(BackUpDialog.Username)] = _overview!.Account.Username,
            [nameof(BackUpDialog.Profile)] = _profile,
        };
        var dialog = await Dialogs.ShowAsync<BackUpDialog>("Back up folders", parameters, Dialog.Options);
        var result = await dialog.Result;
        await ShowAsync(result, result?.Data is string reason
            ? $"The backup was saved. The device reads it within half an hour, because it could not be told at once: {reason}"
            : "The backup was saved. It runs every day at the time that you chose.");
    }

    private async Task AddVaultAsync()
    {
        var parameters = new DialogParameters
        {
            [nameof(AddVaultDialog.Username)] = _overview!.Account.Username,
            [nameof(AddVaultDialog.OrganizationId)] = _overview.Account.OrganizationId,
        };
        var dialog = await Dialogs.ShowAsync<AddVaultDialog>("Add vault", parameters, Dialog.Options);
        await ShowAsync(await dialog.Result, "The vault was added.");
    }

    private async Task ShowAsync(DialogResult? result, string done)
    {
        if (result is { Canceled: false })
        {
            Snackbar.Add(done, Severity.Success);
            await RefreshAsync();
        }
    }
}
