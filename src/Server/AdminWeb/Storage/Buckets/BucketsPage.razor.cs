using Halley.Protocol;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.StorageRole.Buckets;
using Microsoft.AspNetCore.Components;
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
    private BucketActions Actions { get; set; } = default!;

    [Inject]
    private PageAdministrator Administrator { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Summary => _buckets is { Count: > 0 } buckets
        ? $"{Sizes.Count(buckets.Count)} {(buckets.Count == 1 ? "bucket" : "buckets")} "
            + $"with {Sizes.Text(buckets.Sum(bucket => bucket.Bytes))} in {Sizes.Files(buckets.Sum(bucket => bucket.Files))}"
        : "Buckets hold the backups, one for each device or user.";

    protected override Task OnInitializedAsync()
    {
        _search = Sought ?? "";
        return base.OnInitializedAsync();
    }

    // Sizes are counted in memory, so the whole list is read and sorted here.
    protected override async Task LoadAsync() =>
        _buckets = (await Actions.ListAsync(await Administrator.CallerAsync(), after: null, count: null, Closed)).Items;

    private static string NameOf(BucketInfo bucket) => bucket.Label.Length > 0 ? bucket.Label : bucket.Id;

    private void Search(string? text)
    {
        _search = text ?? "";
        Navigation.KeepInAddress(PageLink.Search, _search);
    }

    private bool Matches(BucketInfo bucket) =>
        string.IsNullOrWhiteSpace(_search)
        || bucket.Id.Contains(_search.Trim(), StringComparison.OrdinalIgnoreCase)
        || bucket.Label.Contains(_search.Trim(), StringComparison.CurrentCultureIgnoreCase);

    private void Open(TableRowClickEventArgs<BucketInfo> click)
    {
        if (click.Item is { } bucket)
        {
            Navigation.NavigateTo(PageLink.To(BucketPage.PathOf(bucket.Id)));
        }
    }
}
