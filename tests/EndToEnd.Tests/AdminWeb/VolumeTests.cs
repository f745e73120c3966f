using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>Volumes come, change and go; one that is gone says so.</summary>
[Collection(Lanes.Pages)]
public sealed class VolumeTests(PageServer server)
{
    [Fact]
    public async Task Volume_is_added_made_read_only_and_removed_unless_it_holds_files()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "filled", "");
        var home = site.Directory.CreateSubdirectory("home");
        await File.WriteAllTextAsync(Path.Combine(home, "letter"), "Dear Anna");
        (await site.PasteAsync(page, home)).EnsureSuccess();
        await AdminSite.OpenAsync(page, "/storage/volumes");

        var second = site.Directory.Combine("volume-2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add volume" }).ClickAsync();
        await Expect(page.Locator("#volume-path")).ToBeFocusedAsync();
        await SubmitPathAsync(page, "not/absolute");
        await Expect(page.GetByText("Give the absolute path")).ToBeVisibleAsync();
        await SubmitPathAsync(page, Path.Combine(site.Server.FirstVolume, "inside"));
        await Expect(page.GetByText("lies inside the volume")).ToBeVisibleAsync();
        await SubmitPathAsync(page, second);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no disk is mounted there");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync($"same disk as {site.Server.FirstVolume}");
        Assert.False(Directory.Exists(second));
        await AdminSite.ShootAsync(page, "add-volume", whole: false);
        await LeaseAsync(second, "elsewhere");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add anyway" }).ClickAsync();
        await Expect(page.GetByText("The server on elsewhere uses it")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("only if no process of that server runs");
        await AdminSite.ShootAsync(page, "take-over", whole: false);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await AdminSite.ShootAsync(page, "take-over-dark", whole: false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Take over" }).ClickAsync();
        var added = Card(page, second);
        await Expect(added).ToContainTextAsync("Writable");
        await Expect(added).ToContainTextAsync($"On the same disk as {site.Server.FirstVolume}");

        await added.GetByRole(AriaRole.Button, new() { Name = "Make read-only" }).ClickAsync();
        await Expect(added).ToContainTextAsync("Read-only");
        await RemoveAsync(page, Card(page, site.Server.FirstVolume));
        await Expect(Card(page, site.Server.FirstVolume).GetByRole(AriaRole.Alert)).ToContainTextAsync("holds files of buckets");
        await AdminSite.ShootAsync(page, "volumes");
        await RemoveAsync(page, added);
        await Expect(added).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    /// <summary>Another server has the volume for an hour.</summary>
    private static Task LeaseAsync(string volume, string host)
    {
        Directory.CreateDirectory(volume);
        var until = TimeProvider.System.GetUtcNow().AddHours(1);
        return File.WriteAllTextAsync(
            Path.Combine(volume, "halley-owner.json"),
            JsonSerializer.Serialize(new { server = Guid.NewGuid(), process = Guid.NewGuid(), host, until }));
    }

    // The button follows what the server knows of the text, so it can be pressed once all of it has arrived.
    private static async Task SubmitPathAsync(IPage page, string path)
    {
        await page.Locator("#volume-path").FillAsync(path);
        await Expect(page.Locator("#volume-path")).ToHaveValueAsync(path);
        var button = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Add volume" });
        await Expect(button).ToBeEnabledAsync();
        await page.Locator("#volume-path").PressAsync("Enter");
    }

    [Fact]
    public async Task Volume_that_vanishes_or_is_used_elsewhere_is_shown_off_line_without_a_reload_and_can_be_taken_over()
    {
        await using var site = await AdminSite.StartAsync();
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/");
        Directory.Move(site.Server.FirstVolume, site.Directory.Combine("taken-away"));

        await Expect(page.GetByText("Offline", new() { Exact = true })).ToBeVisibleAsync();
        var attention = page.GetByRole(AriaRole.Region, new() { Name = "Needs attention" });
        await Expect(attention).ToContainTextAsync($"Volume {site.Server.FirstVolume} is offline");
        await AdminSite.ShootAsync(page, "dashboard-offline");
        Directory.Move(site.Directory.Combine("taken-away"), site.Server.FirstVolume);
        await Expect(page.GetByText("Offline", new() { Exact = true })).ToBeHiddenAsync();
        await Expect(attention).ToHaveTextAsync("Nothing needs attention");

        await AdminSite.OpenAsync(page, "/storage/volumes");
        var card = Card(page, site.Server.FirstVolume);
        var take = new LocatorGetByRoleOptions { Name = "Take over" };
        await Expect(card.GetByRole(AriaRole.Button, take)).ToHaveCountAsync(0);
        await LeaseAsync(site.Server.FirstVolume, "elsewhere");
        // The server looks at the lease when it renews it.
        await Expect(card).ToContainTextAsync("The server on elsewhere uses it", new() { Timeout = 30_000 });
        await AdminSite.ShootAsync(page, "volume-elsewhere");
        await card.GetByRole(AriaRole.Button, take).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("only if no process of the other server runs");
        await AdminSite.ShootAsync(page, "take-over-here", whole: false);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Take over" }).ClickAsync();
        await Expect(card.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await Expect(card).ToContainTextAsync("Writable");
        await Expect(card.GetByRole(AriaRole.Button, take)).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    private static ILocator Card(IPage page, string path) =>
        page.GetByRole(AriaRole.Article, new() { Name = $"Volume {path}", Exact = true });

    private static async Task RemoveAsync(IPage page, ILocator card)
    {
        await card.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
    }
}
