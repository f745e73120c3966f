using Halley.Protocol;
using Halley.Server.AdminWeb.Layout;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Buckets;
using Halley.Server.StorageRole.History;
using Halley.Storage;
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
    private BucketRegistration Registration { get; set; } = default!;

    [Inject]
    private BucketKeys Keys { get; set; } = default!;

    [Inject]
    private BucketMeasuringWork Measuring { get; set; } = default!;

    [Inject]
    private BucketHistoryWork History { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Name => _bucket is { Label.Length: > 0 } bucket ? bucket.Label : Id;

    public static string PathOf(string bucketId) => $"/storage/buckets/{bucketId}";

    protected override async Task LoadAsync()
    {
        var scope = await Viewer.ScopeAsync();
        _bucket = await Registration.FindAsync(Id, scope, Closed);
        _keys = await Keys.ListAsync(Id, scope, Closed) ?? [];
        _days = [.. (await History.ReadAsync(Id, scope, null, null, Closed) ?? []).Select(day => day.ToWire())];
        _isMissing = _bucket is null;
    }

    private void StartRenaming()
    {
        _newLabel = _bucket?.Label ?? "";
        _isRenaming = true;
    }

    private void CancelRenameOnEscape(KeyboardEventArgs key) => _isRenaming = _isRenaming && key.Key != "Escape";

    private async Task RenameAsync()
    {
        var change = await Registration.RenameAsync(Id, await Viewer.ScopeAsync(), new UpdateBucket(_newLabel.Trim()), Closed);
        _problem = change.Refusal?.Reason;
        _isRenaming = false;
        await RefreshAsync();
    }

    private async Task MeasureAsync()
    {
        _isMeasuring = true;
        try
        {
            await Measuring.MeasureAsync(Id, Closed);
            _problem = null;
            await RefreshAsync();
            Snackbar.Add("The size is measured.", Severity.Success);
        }
        catch (BlobStoreException failure)
        {
            _problem = $"The size cannot be measured: {failure.Message}";
        }
        finally
        {
            _isMeasuring = false;
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
        var sure = await Dialog.AskAsync(
            Dialogs, "Revoke key", $"Whoever uses {name} is refused from the next request on. A key cannot be brought back, but you can add another one.", "Revoke");
        if (!sure)
        {
            return;
        }

        if (await Keys.RevokeAsync(Id, await Viewer.ScopeAsync(), key.Id, Closed))
        {
            Snackbar.Add("The key is revoked.", Severity.Success);
        }

        if (_newKey?.Key.Id == key.Id)
        {
            _newKey = null;
        }

        await RefreshAsync();
    }

    private async Task TransferAsync()
    {
        var parameters = new DialogParameters { [nameof(TransferDialog.BucketId)] = Id };
        var dialog = await Dialogs.ShowAsync<TransferDialog>("Transfer to another server", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            Navigation.NavigateTo("/storage/tasks");
        }
    }

    private async Task DeleteAsync()
    {
        var parameters = new DialogParameters { [nameof(DeleteBucketDialog.Bucket)] = _bucket };
        var dialog = await Dialogs.ShowAsync<DeleteBucketDialog>("Delete bucket", parameters, Dialog.Options);
        if (await dialog.Result is { Canceled: false })
        {
            await Registration.DeleteAsync(Id, await Viewer.ScopeAsync(), await Viewer.NameAsync(), CancellationToken.None);
            Snackbar.Add($"Bucket {Id} is deleted.", Severity.Success);
            Navigation.NavigateTo("/storage/buckets");
        }
    }
}
