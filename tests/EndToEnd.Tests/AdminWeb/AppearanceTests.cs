using Halley.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>Phones, dark rooms, and lost connections.</summary>
[Collection(Lanes.Pages)]
public sealed class AppearanceTests(PageServer server)
{
    private const string Background = "getComputedStyle(document.body).backgroundColor";

    [Fact]
    public async Task Phone_shows_every_room_without_scrolling_sideways()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync(width: 360, height: 740);
        await AdminSite.AddBucketAsync(page, "", "A bucket with a rather long label that has to be wrapped somewhere");
        await AssertFitsAsync(page);
        var id = await page.GetByTestId("bucket-id").InnerTextAsync();
        foreach (var (path, name) in new[]
        {
            ("/", "phone-dashboard"), ("/storage/buckets", "phone-buckets"), ($"/storage/buckets/{id}", "phone-bucket"),
            ("/storage/volumes", "phone-volumes"), ("/storage/scrubs", "phone-scrubs"), ("/storage/tasks", "phone-tasks"),
            ("/account", "phone-account"), ("/accounts", "phone-accounts"), ("/accounts/add", "phone-add-account"),
        })
        {
            await AdminSite.OpenAsync(page, path);
            await AssertFitsAsync(page);
            await AdminSite.ShootAsync(page, name);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Show or hide the menu" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Volumes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Volumes" })).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Theme_follows_the_system_until_it_is_chosen_and_is_kept()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync(dark: true);
        await AdminSite.ShootAsync(page, "dark-dashboard");
        var dark = await page.EvaluateAsync<string>(Background);

        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: as the system" }).ClickAsync();
        var chosen = page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" });
        await Expect(chosen).ToBeVisibleAsync();
        await page.ReloadAsync();
        await AdminSite.IsReadyAsync(page);
        await Expect(chosen).ToBeVisibleAsync();
        Assert.NotEqual(dark, await page.EvaluateAsync<string>(Background));
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Lost_connection_is_said_and_the_page_comes_back_with_the_server_and_what_was_typed()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/storage/add-bucket");
        await page.Locator("#bucket-label").FillAsync("Typed before");
        foreach (var expected in new[] { "WebSocket", "Connection disconnected", "Failed to", "ERR_CONNECTION", "negotiation", "reconnect",
            "503", "closed" })
        {
            site.Browser.Expected.Add(expected);
        }

        await site.Server.KillAsync();
        await Expect(page.GetByText("The connection to the server is lost")).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "connection-lost", whole: false);
        await site.Server.StartAgainAsync();

        await Expect(page.GetByText("The connection to the server is lost")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await AdminSite.IsReadyAsync(page);
        await Expect(page.Locator("#bucket-label")).ToHaveValueAsync("Typed before");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add bucket" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bucket added" })).ToBeVisibleAsync();
        Assert.Single(await BucketsAsync(site), bucket => bucket.Label == "Typed before");
        site.Browser.AssertQuiet();
    }

    private static async Task<IReadOnlyList<BucketInfo>> BucketsAsync(AdminSite site)
    {
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        return await admin.ListBucketsAsync();
    }

    private static async Task AssertFitsAsync(IPage page)
    {
        var tooWide = await page.EvaluateAsync<string>(
            "document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('main *')]"
            + ".filter(element => element.getBoundingClientRect().right > innerWidth)"
            + ".map(element => element.outerHTML.slice(0, 200)).join('\\n')");
        Assert.True(tooWide.Length == 0, $"{page.Url} is wider than the phone:\n{tooWide}");
    }
}
