using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>Limits for buckets and networks are made, changed and removed.</summary>
[Collection(Lanes.Pages)]
public sealed class LimitsPageTests(PageServer server)
{
    [Fact]
    public async Task Limit_is_added_refused_when_it_is_wrong_changed_and_removed()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "slow", "");
        await page.GetByRole(AriaRole.Link, new() { Name = "Limits", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No limit" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add limit" }).ClickAsync();
        await page.GetByLabel("Id of the bucket").FillAsync("nobody");
        await SaveAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("There is no bucket with this id.");
        await page.GetByLabel("Id of the bucket").FillAsync("slow");
        await page.GetByLabel("Direction").SelectOptionAsync("uploads");
        await page.GetByLabel("Rate (KiB/s)").FillAsync("2048");
        await page.GetByLabel("Only at certain times").CheckAsync();
        await page.GetByLabel("Monday").CheckAsync();
        await AdminSite.ShootAsync(page, "limits-dialog");
        await SaveAsync(page);
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "slow" });
        await Expect(row).ToContainTextAsync("2.00 MiB/s");
        await Expect(row).ToContainTextAsync("08:00");
        await AdminSite.ShootAsync(page, "limits");

        await row.GetByRole(AriaRole.Button).First.ClickAsync();
        await page.GetByLabel("Rate (KiB/s)").FillAsync("512");
        await SaveAsync(page);
        await Expect(row).ToContainTextAsync("512 KiB/s");
        await row.GetByRole(AriaRole.Button).Last.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button).Last.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No limit" })).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Limit_for_a_client_network_is_made()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/storage/limits");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add limit" }).ClickAsync();
        await page.Locator("#limit-kind").SelectOptionAsync("a client network");
        await page.GetByLabel("Network, such as").FillAsync("10.1.0.0/16");
        await SaveAsync(page);

        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "10.1.0.0/16" });
        await Expect(row).ToContainTextAsync("10.0 MiB/s");
        await row.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(page.Locator("#limit-kind")).ToHaveValueAsync("Network");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    private static Task SaveAsync(IPage page) =>
        page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
}
