using Halley.Protocol.Live;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.Live.Devices;
using Halley.Server.Live.Lobby;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Halley.Server.AdminWeb.Devices;

public sealed partial class DevicesPage
{
    private const int PageSize = 50;
    private const string ConnectedName = "connected";
    private static readonly Dictionary<string, object?> Named = new() { ["aria-label"] = "Devices" };
    private static readonly (string Word, bool? Connected)[] Choices = [("All", null), ("Connected", true), ("Not connected", false)];

    private readonly ListPosition<string?> _position = new();
    private IReadOnlyList<DeviceStatus>? _devices;
    private IReadOnlyList<LobbyDeviceInfo> _waiting = [];
    private int _registered;
    private int _online;
    private string _search = "";
    private bool? _connected;

    /// <summary>The search text. It is in the address, so that Back and a bookmark lead to it.</summary>
    [SupplyParameterFromQuery(Name = PageLink.Search)]
    private string? Sought { get; set; }

    [SupplyParameterFromQuery(Name = ConnectedName)]
    private bool? SoughtConnected { get; set; }

    [Inject]
    private LiveDeviceActions Devices { get; set; } = default!;

    [Inject]
    private LobbyActions Lobby { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private PublicAddress Address { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    private string Summary => _devices is not null && _registered > 0
        ? $"{Sizes.Count(_online)} of {Sizes.Count(_registered)} {(_registered == 1 ? "device" : "devices")} connected."
        : "The machines that are backed up and their current activity.";

    private string? Text => _search.Replace("\0", "", StringComparison.Ordinal).Trim() is { Length: > 0 } text ? text : null;

    protected override Task OnInitializedAsync()
    {
        (_search, _connected) = (Sought ?? "", SoughtConnected);
        return base.OnInitializedAsync();
    }

    protected override async Task LoadAsync()
    {
        var caller = await Viewer.CallerAsync();
        var filter = new DeviceFilter(Username: null, _connected, _position.Start, Text);
        (_registered, _online) = await Devices.CountAsync(caller, Closed);
        _waiting = Lobby.List(caller);
        // When the filter has changed in the meantime, another load is reading the devices for the new one.
        if ((await Devices.ListAsync(caller, filter, PageSize, Closed)).TryGet(out var page, out _)
            && filter == new DeviceFilter(Username: null, _connected, _position.Start, Text))
        {
            (_devices, _position.Next) = (page.Items, page.Next);
        }
    }

    private static string Or(string text) => text.Length > 0 ? text : "–";

    private async Task SearchAsync(string? text)
    {
        _search = text ?? "";
        await Browser.KeepInAddressAsync(Navigation, PageLink.Search, _search);
        await FromTheStartAsync();
    }

    private async Task ChooseAsync(bool? connected)
    {
        _connected = connected;
        await Browser.KeepInAddressAsync(Navigation, ConnectedName, connected?.ToString());
        await FromTheStartAsync();
    }

    private Task FromTheStartAsync()
    {
        _position.Restart();
        return RefreshAsync();
    }

    private void Open(TableRowClickEventArgs<Row<DeviceStatus>> click)
    {
        if (click.Item is { Value: var device })
        {
            Navigation.NavigateTo(PageLink.To(DeviceWords.PathOf(device.Username, device.DeviceId)));
        }
    }
}
