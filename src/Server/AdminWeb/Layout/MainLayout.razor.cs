using Halley.Server.AdminWeb.Browser;
using Halley.Server.StorageRole;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;

namespace Halley.Server.AdminWeb.Layout;

public sealed partial class MainLayout
{
    private MudThemeProvider? _theme;
    private ErrorBoundary? _boundary;
    private bool _isDark;
    private string _choice = BrowserView.Unknown.Theme;
    private bool _drawerOpen = true;

    private DotNetObjectReference<PageVisibility>? _watched;

    [Inject]
    private StorageOptions Storage { get; set; } = default!;

    [Inject]
    private PageVisibility Visibility { get; set; } = default!;

    [CascadingParameter]
    private BrowserView View { get; set; } = BrowserView.Unknown;

    // With a base address, "#content" alone would lead to the dashboard.
    private string PathNow => new Uri(Navigation.Uri).AbsolutePath;

    private string PageNow => Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0];

    // Until its circuit has started, a page would lose what is typed into it.
    private bool IsWaiting => AssignedRenderMode is not null && !RendererInfo.IsInteractive;

    // The dashboard shows the storage, too.
    private bool IsElsewhere =>
        !Storage.Enabled && (PageNow.Length == 0 || PageNow.StartsWith("storage/", StringComparison.OrdinalIgnoreCase));

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _watched?.Dispose();
    }

    protected override void OnInitialized()
    {
        _isDark = View.IsDark;
        _choice = View.Theme;
        Navigation.LocationChanged += OnLocationChanged;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _theme is not null)
        {
            await _theme.WatchSystemDarkModeAsync(OnSystemChangedAsync);
            _watched = DotNetObjectReference.Create(Visibility);
            await Browser.InvokeVoidAsync("halleyPage.watch", _watched);
        }
    }

    private async Task OnSystemChangedAsync(bool dark)
    {
        if (_choice == "system")
        {
            _isDark = dark;
            await InvokeAsync(StateHasChanged);
        }
    }

    private async Task ChooseThemeAsync(string theme)
    {
        _choice = theme;
        _isDark = await Browser.InvokeAsync<bool>("halleyView.write", theme);
    }

    // An error on one page must not stay on the next page.
    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        _boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }
}
