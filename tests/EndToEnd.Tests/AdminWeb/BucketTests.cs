using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>A bucket from its first key to its deletion, all of it on the page.</summary>
[Collection(Lanes.Pages)]
public sealed partial class BucketTests(PageServer server)
{
    [Fact]
    public async Task Pasted_commands_back_up_and_the_list_shows_what_arrived()
    {
        await using var site = await AdminSite.WithoutBucketsAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/storage/buckets");
        await Expect(page.GetByText("No buckets yet")).ToBeVisibleAsync();
        await AdminSite.AddBucketAsync(page, "anna-laptop", "Anna's laptop");
        var secret = await page.GetByTestId("secret").InnerTextAsync();
        Assert.Matches("^[0-9a-f]{32}$", secret);
        await AdminSite.ShootAsync(page, "bucket-added");
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the key" }).ClickAsync();
        Assert.Equal(secret, await page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        var home = site.Directory.CreateSubdirectory("home");
        await File.WriteAllBytesAsync(Path.Combine(home, "data"), new byte[3_000_000]);
        await File.WriteAllTextAsync(Path.Combine(home, "letter"), "Dear Anna");
        (await site.PasteAsync(page, home)).EnsureSuccess();

        await AdminSite.OpenAsync(page, "/storage/buckets");
        var row = page.Locator("tr", new() { HasText = "anna-laptop" });
        await Expect(row).ToContainTextAsync(Size());
        await Expect(row.Locator("time")).ToHaveTextAsync("just now");
        await Expect(row.Locator("time")).ToHaveAttributeAsync("title", ZoneAndUtc());
        await AdminSite.ShootAsync(page, "buckets");
        await AdminSite.OpenAsync(page, "/");
        await Expect(page.GetByText("Latest backups")).ToBeVisibleAsync();
        await Expect(page.GetByText("Next steps")).ToBeHiddenAsync();
        await AdminSite.ShootAsync(page, "dashboard");
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Secret_is_shown_once_and_not_on_reload()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "", "Random id");
        var secret = await page.GetByTestId("secret").InnerTextAsync();
        var id = await page.GetByTestId("bucket-id").InnerTextAsync();

        await page.ReloadAsync();
        await AdminSite.IsReadyAsync(page);
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);
        await AdminSite.OpenAsync(page, $"/storage/buckets/{id}");
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Search_is_kept_after_back_and_the_list_is_sorted_by_keyboard()
    {
        await using var site = await AdminSite.OnAsync(server);
        using (var admin = await AdminClient.SignInAsync(site.Server.Address))
        {
            await admin.AddBucketAsync("sorted-a");
            await admin.AddBucketAsync("sorted-b");
        }

        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/storage/buckets");
        await page.Locator("#bucket-search").FillAsync("sorted-");
        var names = page.Locator("tbody .bucket-name a");
        await Expect(names).ToHaveTextAsync(["sorted-a", "sorted-b"]);
        var head = page.GetByRole(AriaRole.Button, new() { Name = "Bucket", Exact = true });
        await head.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(names).ToHaveTextAsync(["sorted-b", "sorted-a"]);

        await names.First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "sorted-b" })).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#bucket-search")).ToHaveValueAsync("sorted-");
        await Expect(names).ToHaveCountAsync(2);
        await AdminSite.ShootAsync(page, "buckets-found");
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Id_that_is_wrong_or_taken_is_refused_in_the_form()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "taken", "");

        await AdminSite.OpenAsync(page, "/storage/add-bucket");
        await page.Locator("#bucket-id").FillAsync("TAKEN");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add bucket" }).ClickAsync();
        await Expect(page.GetByText("There is a bucket with this id")).ToBeVisibleAsync();
        await page.Locator("#bucket-id").FillAsync("../x");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add bucket" }).ClickAsync();
        await Expect(page.Locator(".mud-input-error").First).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Keys_come_and_go_and_the_bucket_is_renamed_measured_and_deleted()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "office-nas", "NAS");
        await AdminSite.OpenAsync(page, "/storage/buckets/office-nas");
        await page.Locator("#hold-days").FillAsync("30");
        await page.GetByRole(AriaRole.Region, new() { Name = "Protection and quota" }).GetByRole(AriaRole.Button, new() { Name = "Save" })
            .ClickAsync();
        await Expect(page.GetByText("is held for 30 days")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await page.Locator("#rename-label").FillAsync("Office NAS");
        await page.Locator("#rename-label").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Office NAS" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Measure now" }).ClickAsync();
        await Expect(page.GetByText("The size was measured.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Add key" }).ClickAsync();
        await page.Locator("#key-label").FillAsync("from May on");
        await page.Locator(".mud-dialog").GetByText("Append-only").ClickAsync();
        await page.Locator("#key-expiry").SelectOptionAsync("30");
        await AdminSite.ShootAsync(page, "add-key", whole: false);
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Add key" }).ClickAsync();
        await Expect(page.GetByTestId("secret")).ToBeVisibleAsync();
        var key = page.Locator("tr", new() { HasText = "from May on" });
        await Expect(key).ToContainTextAsync("Append-only");
        await Expect(key).ToContainTextAsync("in 30 days");

        await key.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(key).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("secret")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete bucket" }).ClickAsync();
        var delete = page.GetByRole(AriaRole.Button, new() { Name = "Delete for good" });
        await Expect(page.GetByText("This cannot be undone.")).ToBeVisibleAsync(); // held or not, there is nothing in it
        await page.Locator("#confirm-id").FillAsync("office-na");
        await Expect(delete).ToBeDisabledAsync();
        await page.Locator("#confirm-id").PressAsync("Enter");
        await Expect(delete).ToBeVisibleAsync();
        await page.Locator("#confirm-id").FillAsync("office-nas");
        await Expect(delete).ToBeEnabledAsync();
        await AdminSite.ShootAsync(page, "delete-bucket", whole: false);
        await delete.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Buckets", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("office-nas")).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task List_is_searched_by_id_and_label()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.AddBucketAsync(page, "first-one", "Mail");
        await AdminSite.AddBucketAsync(page, "second-one", "Web");
        await AdminSite.OpenAsync(page, "/storage/buckets");

        await page.Locator("#bucket-search").FillAsync("MAIL");
        await Expect(page.GetByText("second-one")).ToHaveCountAsync(0);
        await page.Locator("#bucket-search").FillAsync("second");
        await Expect(page.GetByText("second-one")).ToBeVisibleAsync();
        await Expect(page.GetByText("first-one")).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Bucket_is_added_with_the_keyboard_alone()
    {
        await using var site = await AdminSite.WithoutBucketsAsync(server);
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/storage/buckets");
        await TabToAsync(page, "Add the first bucket");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#bucket-label")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("By keyboard");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#bucket-id")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("by-keyboard");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator(".mode.chosen")).ToContainTextAsync("Append-only");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByTestId("bucket-id")).ToHaveTextAsync("by-keyboard");
        await AdminSite.OpenAsync(page, "/storage/buckets/by-keyboard");
        await TabToAsync(page, "Add key");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#key-label")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    private static async Task TabToAsync(IPage page, string text)
    {
        for (var i = 0; i < 40; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await page.EvaluateAsync<string>("document.activeElement?.innerText ?? ''")).Trim() == text)
            {
                return;
            }
        }

        Assert.Fail($"“{text}” is not reached with the Tab key.");
    }

    [GeneratedRegex(@"\d+(\.\d+)? (KiB|MiB)")]
    private static partial Regex Size();

    [GeneratedRegex(@"Europe/Berlin[\s\S]*UTC")]
    private static partial Regex ZoneAndUtc();
}
