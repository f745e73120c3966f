using Microsoft.Playwright;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>
/// The machine's Chromium without the parts of a browser that only a person would see, driven by Playwright; nothing is downloaded. One
/// process serves all tests, each of which has windows of its own in it. Whatever a page complains about on the console, and every request
/// to another host, fails the test that opened it.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
        "--disable-gpu", "--disable-dev-shm-usage",
    ];

    private static readonly Lazy<Task<IBrowser>> Shared = new(LaunchAsync);

    private readonly IBrowser _browser;
    private readonly Uri _address;
    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<string> _complaints = [];

    private Chromium(IBrowser browser, Uri address)
    {
        _browser = browser;
        _address = address;
    }

    /// <summary>Part of a console message that a test provokes, such as the 404 it asks for.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<Chromium> StartAsync(Uri address) => new(await Shared.Value, address);

    /// <summary>A window of its own, with its own cookies.</summary>
    public async Task<IPage> OpenWindowAsync(bool dark = false, int width = 1280, int height = 900)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = _address.OriginalString,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        _contexts.Add(context);
        context.SetDefaultTimeout(20_000);
        // A page refreshes after twenty times what its last load took: half a minute on a busy machine.
        Assertions.SetDefaultExpectTimeout(60_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Complain($"console {message.Type}: {message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => Complain($"script error: {error}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not ("data" or "blob") } url && url.Authority != _address.Authority)
            {
                Complain($"request to another host: {request.Url}");
            }
        };
        return page;
    }

    public void AssertQuiet()
    {
        lock (_complaints)
        {
            Assert.Empty(_complaints);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }
    }

    private static async Task<IBrowser> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => playwright.Dispose();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Tools.Require("chromium-headless-shell", "chromium-headless-shell"),
            Args = Arguments,
            Headless = true,
        });
    }

    private void Complain(string text)
    {
        lock (_complaints)
        {
            if (!Expected.Any(expected => text.Contains(expected, StringComparison.Ordinal)))
            {
                _complaints.Add(text);
            }
        }
    }
}
