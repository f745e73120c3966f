using Halley.Protocol;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Halley.Server.AdminWeb.Storage.Buckets;

public sealed partial class BucketsPage
{
    private static readonly Dictionary<string, object?> Named = new() { ["aria-label"] = "Buckets" };
    private IReadOnlyList<BucketInfo>? _buckets;
    private BucketCreated? _restored;
    private string _search = "";

    /// <summary>The search text. It is in the address, so that Back and a bookmark lead to it.</summary>
    [SupplyParameterFromQuery(Name = PageLink.Search)]
    private string? Sought { get; set; }

    [Inject]
    private BucketWatch Buckets { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    private string Summary => _buckets is { Count: > 0 } buckets
        ? $"{Sizes.Count(buckets.Count)} {(buckets.Count == 1 ? "bucket" : "buckets")} "
            + $"with {Sizes.Text(buckets.Sum(bucket => bucket.Bytes))} in {Sizes.Files(buckets.Sum(bucket => bucket.Files))}"
        : "Buckets hold the backups, one for each device or user.";

    protected override Task OnInitializedAsync()
    {
        _search = Sought ?? "";
        return base.OnInitializedAsync();
    }

    // Sizes are counted in memory, so the whole list is sorted here.
    protected override async Task LoadAsync() => _buckets = await Buckets.ListAsync(await Administrator.CallerAsync(), Closed);

    private static string NameOf(BucketInfo bucket) => bucket.Label.Length > 0 ? bucket.Label : bucket.Id;

    private async Task SearchAsync(string? text)
    {
        _search = text ?? "";
        await Browser.KeepInAddressAsync(Navigation, PageLink.Search, _search);
    }

    private bool Matches(Row<BucketInfo> row) =>
        string.IsNullOrWhiteSpace(_search)
        || row.Value.Id.Contains(_search.Trim(), StringComparison.OrdinalIgnoreCase)
        || row.Value.Label.Contains(_search.Trim(), StringComparison.CurrentCultureIgnoreCase);

    private void Open(TableRowClickEventArgs<Row<BucketInfo>> click)
    {
        if (click.Item is { Value: var bucket })
        {
            Navigation.NavigateTo(PageLink.To(BucketPage.PathOf(bucket.Id)));
        }
    }
}
