using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>A running server and a browser before it.</summary>
internal sealed class AdminSite : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private AdminSite(ServerProcess server, Chromium browser)
    {
        Server = server;
        Browser = browser;
    }

    public ServerProcess Server { get; }

    public Chromium Browser { get; }

    public TemporaryDirectory Directory => _directory;

    /// <param name="byName">True to open <c>localhost</c>: browsers offer passkeys to names only, not to bare addresses.</param>
    public static async Task<AdminSite> StartAsync(bool byName = false)
    {
        var server = await ServerProcess.StartAsync();
        var address = byName ? new UriBuilder(server.Address) { Host = "localhost" }.Uri : server.Address;
        return new AdminSite(server, await Chromium.StartAsync(address));
    }

    /// <summary>A window in which the first administrator has just been made, through the link that the server printed.</summary>
    public async Task<IPage> SetUpAsync(bool dark = false, int width = 1280, int height = 900)
    {
        var page = await Browser.OpenWindowAsync(dark, width, height);
        await page.GotoAsync($"/setup?token={await ReadTokenAsync()}");
        await page.GetByLabel("Name").FillAsync(AdminClient.Username);
        await page.GetByLabel("Password", new() { Exact = false }).First.FillAsync(AdminClient.Password);
        await page.GetByLabel("Password again").FillAsync(AdminClient.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make administrator" }).ClickAsync();
        await IsReadyAsync(page);
        return page;
    }

    public async Task<string> ReadTokenAsync() => (await File.ReadAllTextAsync(Path.Combine(Server.DataDirectory, "setup-token"))).Trim();

    public static async Task SignInAsync(IPage page, string password = AdminClient.Password)
    {
        await page.GetByLabel("Name").FillAsync(AdminClient.Username);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Opens a room and waits until it reacts.</summary>
    public static async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        await IsReadyAsync(page);
    }

    /// <summary>Before its circuit is there a page shows everything and reacts to nothing.</summary>
    public static Task IsReadyAsync(IPage page) => Expect(page.Locator("#halley[data-interactive='1']")).ToBeVisibleAsync();

    public static async Task AddBucketAsync(IPage page, string id, string label)
    {
        await OpenAsync(page, "/storage/add-bucket");
        await page.Locator("#bucket-label").FillAsync(label);
        await page.Locator("#bucket-id").FillAsync(id);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add bucket" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bucket added" })).ToBeVisibleAsync();
    }

    /// <summary>Runs the commands that the page shows, as a person who pastes them into a shell, with <paramref name="home"/> as his home.</summary>
    public async Task<ProgramRun> PasteAsync(IPage page, string home)
    {
        var commands = await page.GetByTestId("commands").InnerTextAsync();
        return await ExternalProgram.RunAsync(
            Tools.Require("bash", "bash"), ["-e", "-c", commands],
            new Dictionary<string, string>
            {
                ["HOME"] = home,
                ["RESTIC_PASSWORD"] = "a password of the person",
                ["RESTIC_CACHE_DIR"] = _directory.Combine("restic-cache"),
            });
    }

    /// <summary>A picture for people to look at, in the directory HALLEY_SCREENSHOTS when it is set.</summary>
    public async Task ShootAsync(IPage page, string name, bool whole = true)
    {
        var directory = Environment.GetEnvironmentVariable("HALLEY_SCREENSHOTS") ?? _directory.Path;
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, name + ".png"), FullPage = whole });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        await Server.DisposeAsync();
        _directory.Dispose();
    }
}
