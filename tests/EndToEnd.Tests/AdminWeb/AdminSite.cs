using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>A running server and a browser before it.</summary>
internal sealed partial class AdminSite : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly bool _ownsServer;

    private AdminSite(ServerProcess server, Chromium browser, bool ownsServer, string administrator = AdminClient.Username)
    {
        Server = server;
        Browser = browser;
        Administrator = administrator;
        _ownsServer = ownsServer;
    }

    public ServerProcess Server { get; }

    public Chromium Browser { get; }

    /// <summary>Name of the one whose windows <see cref="EnterAsync"/> opens.</summary>
    public string Administrator { get; }

    public TemporaryDirectory Directory => _directory;

    /// <summary>A fresh server without an administrator.</summary>
    public static async Task<AdminSite> StartEmptyAsync()
    {
        var server = await ServerProcess.StartAsync();
        return new AdminSite(server, await Chromium.StartAsync(server.Address), ownsServer: true);
    }

    /// <summary>A fresh server with its administrator, for a test that needs an empty one or changes what others use.</summary>
    /// <param name="options">Options of the server.</param>
    public static async Task<AdminSite> StartAsync(Dictionary<string, string>? options = null)
    {
        var server = await ServerProcess.StartAsync(new ServerSettings { Options = options ?? [] });
        using var admin = await AdminClient.SetUpAsync(server.Address, server.DataDirectory);
        return new AdminSite(server, await Chromium.StartAsync(server.Address), ownsServer: true);
    }

    /// <summary>The server that the tests of pages share; the test has buckets, accounts and devices of its own.</summary>
    public static async Task<AdminSite> OnAsync(PageServer shared)
    {
        var server = await shared.StartAsync();
        return new AdminSite(server, await Chromium.StartAsync(server.Address), ownsServer: false);
    }

    /// <summary>The server that the tests of pages share, without the buckets of earlier tests.</summary>
    public static async Task<AdminSite> WithoutBucketsAsync(PageServer shared)
    {
        var site = await OnAsync(shared);
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        foreach (var bucket in await admin.ListBucketsAsync())
        {
            await admin.DeleteBucketAsync(bucket.Id);
        }

        return site;
    }

    /// <summary>The server that the tests of pages share, for a test that changes how its administrator signs in.</summary>
    /// <param name="shared">The server.</param>
    /// <param name="administrator">Name of an administrator of its own, who is added.</param>
    /// <param name="byName">True to open <c>localhost</c>: browsers offer passkeys to names only, not to bare addresses.</param>
    public static async Task<AdminSite> OnAsync(PageServer shared, string administrator, bool byName = false)
    {
        var server = await shared.StartAsync();
        using var admin = await AdminClient.SignInAsync(server.Address);
        await admin.AddAdministratorAsync(administrator);
        var address = byName ? new UriBuilder(server.Address) { Host = "localhost" }.Uri : server.Address;
        return new AdminSite(server, await Chromium.StartAsync(address), ownsServer: false, administrator);
    }

    /// <summary>A window in which the administrator is signed in; the form is sent without being shown.</summary>
    public async Task<IPage> EnterAsync(bool dark = false, int width = 1280, int height = 900)
    {
        var page = await Browser.OpenWindowAsync(dark, width, height);
        var http = page.Context.APIRequest;
        var form = await (await http.GetAsync("/sign-in")).TextAsync();
        var answer = await http.PostAsync("/sign-in", new()
        {
            Form = http.CreateFormData()
                .Set("_handler", "sign-in")
                .Set("__RequestVerificationToken", ForgeryToken().Match(form).Groups[1].Value)
                .Set("username", Administrator)
                .Set("password", AdminClient.Password),
        });
        Assert.True(answer.Ok, await answer.TextAsync());
        await OpenAsync(page, "/");
        return page;
    }

    public async Task<string> ReadTokenAsync() => (await File.ReadAllTextAsync(Path.Combine(Server.DataDirectory, "setup-token"))).Trim();

    public async Task SignInAsync(IPage page, string password = AdminClient.Password)
    {
        await page.GetByLabel("Name").FillAsync(Administrator);
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

    /// <summary>
    /// Runs the commands that the page shows, as pasted into a shell, with <paramref name="home"/> as the home directory.
    /// </summary>
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

    /// <summary>A picture for people to look at, in the directory HALLEY_SCREENSHOTS if it is set: no test judges it.</summary>
    public static async Task ShootAsync(IPage page, string name, bool whole = true)
    {
        if (Environment.GetEnvironmentVariable("HALLEY_SCREENSHOTS") is { Length: > 0 } directory)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(directory, name + ".png"), FullPage = whole });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        if (_ownsServer)
        {
            await Server.DisposeAsync();
        }

        _directory.Dispose();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex ForgeryToken();
}
