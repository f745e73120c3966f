using Halley.Protocol;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Buckets;

public sealed partial class BucketPage
{
    private BucketInfo? _bucket;
    private IReadOnlyList<BucketKeyInfo> _keys = [];
    private IReadOnlyList<BucketDayInfo> _days = [];
    private BucketKeyCreated? _newKey;
    private string? _problem;
    private string _newLabel = "";
    private bool _isMissing;
    private bool _isRenaming;
    private bool _isMeasuring;

    [Parameter]
    public string Id { get; set; } = "";

    [Inject]
    private BucketActions Actions { get; set; } = default!;

    [Inject]
    private BucketKeyActions KeyActions { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Name => _bucket is { Label.Length: > 0 } bucket ? bucket.Label : Id;

    public static string PathOf(string bucketId) => $"/storage/buckets/{bucketId}";

    protected override async Task LoadAsync()
    {
        var caller = await Administrator.CallerAsync();
        _isMissing = !(await Actions.FindAsync(caller, Id, Closed)).TryGet(out _bucket, out _);
        _keys = (await KeyActions.ListAsync(caller, Id, Closed)).TryGet(out var keys, out _) ? keys.Items : [];
        _days = (await Actions.ReadHistoryAsync(caller, Id, from: null, to: null, Closed)).TryGet(out var days, out _) ? days.Items : [];
    }

    private static string DeletionText(int holdDays) => holdDays == 0
        ? "All its backups are removed from every volume, at once and for good."
        : $"Clients lose access at once. Its backups are removed for good after {holdDays} days; until then the bucket can be restored.";

    private void StartRenaming()
    {
        _newLabel = _bucket?.Label ?? "";
        _isRenaming = true;
    }

    private void CancelRenameOnEscape(KeyboardEventArgs key) => _isRenaming = _isRenaming && key.Key != "Escape";

    private async Task RenameAsync()
    {
        var outcome = await Actions.UpdateAsync(
            await Administrator.CallerAsync(), Id, new UpdateBucket(_newLabel.Trim()), CancellationToken.None);
        _problem = outcome.Refusal?.Reason;
        _isRenaming = outcome.Refusal is not null;
        await RefreshAsync();
    }

    private async Task MeasureAsync()
    {
        _isMeasuring = true;
        var refusal = await Actions.MeasureAsync(await Administrator.CallerAsync(), Id, Closed);
        _isMeasuring = false;
        _problem = refusal is null ? null : $"The size could not be measured: {refusal.Reason}";
        await RefreshAsync();
        if (refusal is null)
        {
            Snackbar.Add("The size was measured.", Severity.Success);
        }
    }

    private async Task AddKeyAsync()
    {
        var parameters = new DialogParameters { [nameof(AddKeyDialog.BucketId)] = Id };
        var dialog = await Dialogs.ShowAsync<AddKeyDialog>("Add key", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false, Data: BucketKeyCreated created })
        {
            _newKey = created;
            await RefreshAsync();
        }
    }

    private async Task RevokeAsync(BucketKeyInfo key)
    {
        var name = key.Label.Length > 0 ? $"“{key.Label}”" : $"the {KeyModes.Name(key.Mode).ToLowerInvariant()} key";
        var question =
            $"Clients that use {name} lose access with their next request. A revoked key cannot be restored, but you can add another one.";
        if (!await Dialog.AskAsync(Dialogs, "Revoke key", question, "Revoke"))
        {
            return;
        }

        var refusal = await KeyActions.RevokeAsync(await Administrator.CallerAsync(), Id, key.Id, CancellationToken.None);
        _problem = refusal?.Reason;
        _newKey = _newKey?.Key.Id == key.Id ? null : _newKey;
        await RefreshAsync();
        if (refusal is null)
        {
            Snackbar.Add("The key was revoked.", Severity.Success);
        }
    }

    private async Task TransferAsync()
    {
        var parameters = new DialogParameters { [nameof(TransferDialog.BucketId)] = Id };
        var dialog = await Dialogs.ShowAsync<TransferDialog>("Transfer to another server", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Navigation.NavigateTo(PageLink.To("/storage/tasks"));
        }
    }

    private async Task DeleteAsync()
    {
        var parameters = new DialogParameters { [nameof(DeleteBucketDialog.Bucket)] = _bucket };
        var dialog = await Dialogs.ShowAsync<DeleteBucketDialog>("Delete bucket", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            _problem = (await Actions.DeleteAsync(await Administrator.CallerAsync(), Id, CancellationToken.None))?.Reason;
            if (_problem is null)
            {
                Snackbar.Add($"Bucket {Id} was deleted.", Severity.Success);
                Navigation.NavigateTo(PageLink.To("/storage/buckets"));
            }
        }
    }
}
