using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.AuthRole.Accounts;
using Halley.Server.Organizations;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Halley.Server.AdminWeb.Accounts;

public sealed partial class AccountsPage
{
    private const int PageSize = 50;
    private const string StateName = "state";
    private static readonly Dictionary<string, object?> Named = new() { ["aria-label"] = "Accounts" };
    private static readonly (string Word, AccountHealth? Health)[] Choices =
    [
        ("All", null), .. new AccountHealth?[]
        {
            AccountHealth.Failed, AccountHealth.Warning, AccountHealth.NeverBackedUp, AccountHealth.Fine, AccountHealth.Suspended,
        }.Select(health => (AccountWords.Of(health!.Value), health)),
    ];

    private readonly ListPosition<string?> _position = new();
    private IReadOnlyList<AccountOverview>? _accounts;
    private int _all;
    private string _search = "";
    private AccountHealth? _health;

    /// <summary>The search text. It is in the address, so that Back and a bookmark lead to it.</summary>
    [SupplyParameterFromQuery(Name = PageLink.Search)]
    private string? Sought { get; set; }

    [SupplyParameterFromQuery(Name = StateName)]
    private string? SoughtState { get; set; }

    [Inject]
    private AccountOverviewActions Accounts { get; set; } = default!;

    [Inject]
    private OrganizationCache Organizations { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    // An administrator of an organization sees only that one.
    private bool HasOrganizations { get; set; }

    private string Summary => _all > 0
        ? $"{Sizes.Count(_all)} {(_all == 1 ? "account" : "accounts")} of users whose machines are backed up."
        : "The users whose machines are backed up.";

    private string? Text => _search.Replace("\0", "", StringComparison.Ordinal).Trim() is { Length: > 0 } text ? text : null;

    protected override Task OnInitializedAsync()
    {
        _search = Sought ?? "";
        _health = Enum.TryParse<AccountHealth>(SoughtState, out var health) && Enum.IsDefined(health) ? health : null;
        return base.OnInitializedAsync();
    }

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        HasOrganizations = caller.IsTopLevel && Organizations.All.Count > 0;
        var wanted = (Text, _health, _position.Start);
        _all = await Accounts.CountAsync(caller, Closed);
        var page = await Accounts.ListAsync(caller, new AccountFilter(Text), _health, _position.Start, PageSize, Closed);
        // When the filter has changed in the meantime, another load is reading the accounts for the new one.
        if (wanted == (Text, _health, _position.Start))
        {
            (_accounts, _position.Next) = (page.Items, page.Next);
        }
    }

    private string NameOfOrganization(string id) => id.Length == 0 ? "–" : Organizations.Find(id)?.Name ?? id;

    private async Task SearchAsync(string? text)
    {
        _search = text ?? "";
        await Browser.KeepInAddressAsync(Navigation, PageLink.Search, _search);
        await FromTheStartAsync();
    }

    private async Task ChooseAsync(AccountHealth? health)
    {
        _health = health;
        await Browser.KeepInAddressAsync(Navigation, StateName, health?.ToString());
        await FromTheStartAsync();
    }

    private Task FromTheStartAsync()
    {
        _position.Restart();
        return RefreshAsync();
    }

    private void Open(TableRowClickEventArgs<Row<AccountOverview>> click)
    {
        if (click.Item is { Value: var overview })
        {
            Navigation.NavigateTo(PageLink.ToAccount(overview.Account.Username));
        }
    }
}
