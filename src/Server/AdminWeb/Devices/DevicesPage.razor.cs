using Halley.Protocol.Live;
using Halley.Server.AdminWeb.Browser;
using Halley.Server.AdminWeb.Security;
using Halley.Server.Live;
using Halley.Server.Live.Lobby;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Halley.Server.AdminWeb.Devices;

public sealed partial class DevicesPage
{
    private const int PageSize = 50;
    private static readonly Dictionary<string, object?> Named = new() { ["aria-label"] = "Devices" };
    private static readonly (string Word, bool? Connected)[] Choices = [("All", null), ("Connected", true), ("Not connected", false)];

    // Where the pages before this one began.
    private readonly Stack<(string Username, string DeviceId)?> _before = [];
    private IReadOnlyList<FleetDevice>? _devices;
    private IReadOnlyList<LobbyDeviceInfo> _waiting = [];
    private int _registered;
    private int _online;
    private string _search = "";
    private bool? _connected;
    private (string Username, string DeviceId)? _start;
    private (string Username, string DeviceId)? _next;

    [Inject]
    private Fleet Fleet { get; set; } = default!;

    [Inject]
    private LiveDevices Live { get; set; } = default!;

    [Inject]
    private LobbyDevices Lobby { get; set; } = default!;

    [Inject]
    private PageAdministrator Viewer { get; set; } = default!;

    [Inject]
    private PublicAddress Address { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Summary => _devices is not null && _registered > 0
        ? $"{Sizes.Count(_online)} of {Sizes.Count(_registered)} {(_registered == 1 ? "device" : "devices")} connected."
        : "The machines that are backed up, and what they do at this moment.";

    private string? Text => _search.Replace("\0", "", StringComparison.Ordinal).Trim() is { Length: > 0 } text ? text : null;

    protected override async Task LoadAsync()
    {
        var scope = await Viewer.ScopeAsync();
        var filter = new FleetFilter(scope, Username: null, _connected, _start, PageSize, Text);
        var registered = await Fleet.CountAsync(scope, Closed);
        var found = await Fleet.ListAsync(filter, Closed);
        _registered = registered;
        _waiting = [.. Lobby.List(scope).Select(LobbyApi.ToWire)];
        _online = Live.List(scope).Count;
        if (filter.Connected != _connected || filter.After != _start || filter.Text != Text)
        {
            // Somebody has chosen something else in the meantime, and that is being read.
            return;
        }

        _next = found.Count > PageSize ? (found[PageSize - 1].Username, found[PageSize - 1].DeviceId) : null;
        _devices = [.. found.Take(PageSize)];
    }

    private static string Or(string text) => text.Length > 0 ? text : "–";

    private Task SearchAsync(string? text)
    {
        _search = text ?? "";
        return FromTheStartAsync();
    }

    private Task ChooseAsync(bool? connected)
    {
        _connected = connected;
        return FromTheStartAsync();
    }

    private Task FromTheStartAsync()
    {
        _before.Clear();
        (_start, _next) = (null, null);
        return RefreshAsync();
    }

    private Task OnAsync()
    {
        _before.Push(_start);
        (_start, _next) = (_next, null);
        return RefreshAsync();
    }

    private Task BackAsync()
    {
        (_start, _next) = (_before.Pop(), null);
        return RefreshAsync();
    }

    private void Open(TableRowClickEventArgs<FleetDevice> click)
    {
        if (click.Item is { } device)
        {
            Navigation.NavigateTo(DeviceWords.PathOf(device.Username, device.DeviceId));
        }
    }
}
