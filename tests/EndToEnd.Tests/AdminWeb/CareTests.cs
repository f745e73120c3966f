using System.Net;
using System.Security.Cryptography;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>The rooms in which an administrator moves, checks and gives back what clients have stored.</summary>
[Collection(Lanes.Pages)]
public sealed class CareTests(PageServer server)
{
    [Fact]
    public async Task Volume_is_drained_and_scrubbed_and_what_is_damaged_is_shown()
    {
        await using var site = await AdminSite.StartAsync(options: ServerOptions.NoOwnScrubs);
        var page = await site.EnterAsync();
        using var files = await AddBucketAsync(site, "kept");
        var (whole, damaged) = (RandomNumberGenerator.GetBytes(3_000_000), RandomNumberGenerator.GetBytes(2_000_000));
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(whole));
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(damaged));
        await AdminSite.OpenAsync(page, "/storage/tasks");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No task" })).ToBeVisibleAsync();

        var second = site.Directory.Combine("volume-2");
        using (var admin = await AdminClient.SignInAsync(site.Server.Address))
        {
            await admin.AddVolumeAsync(second);
        }

        await AdminSite.OpenAsync(page, "/storage/volumes");
        await page.GetByRole(AriaRole.Article, new() { Name = $"Volume {site.Server.FirstVolume}", Exact = true })
            .GetByRole(AriaRole.Button, new() { Name = "Drain" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("move while clients keep working");
        await AdminSite.ShootAsync(page, "drain-plan", whole: false);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Drain" }).ClickAsync();
        await AdminSite.OpenAsync(page, "/storage/tasks");
        var task = page.GetByRole(AriaRole.Article, new() { Name = $"Task Drain {site.Server.FirstVolume}" });
        await Expect(task.Locator(".state")).ToHaveTextAsync("Done", new() { Timeout = 30_000 });
        await task.GetByRole(AriaRole.Button, new() { Name = "Log" }).ClickAsync();
        await Expect(task).ToContainTextAsync("started the task");
        await Expect(task.GetByRole(AriaRole.List, new() { Name = "Log" })).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "tasks");

        // One byte of a file turns over on the disk, as it does on disks.
        var path = System.IO.Directory.EnumerateFiles(second, VaultFiles.NameOf(damaged), SearchOption.AllDirectories).Single();
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = 1_000_000;
            file.WriteByte((byte)~damaged[1_000_000]);
        }

        await AdminSite.OpenAsync(page, "/storage/scrubs");
        await page.GetByRole(AriaRole.Article, new() { Name = $"Scrub of {second}" })
            .GetByRole(AriaRole.Button, new() { Name = "Scrub now" }).ClickAsync();
        var findings = page.GetByRole(AriaRole.Region, new() { Name = "Findings" });
        await Expect(findings).ToContainTextAsync("1 open", new() { Timeout = 60_000 });
        var scrub = page.GetByRole(AriaRole.Article, new() { Name = $"Scrub of {second}" });
        await Expect(scrub).ToContainTextAsync("Open findings1");
        await Expect(scrub).Not.ToContainTextAsync("All verified");
        await AdminSite.ShootAsync(page, "scrubs");
        await AdminSite.OpenAsync(page, "/");
        var attention = page.GetByRole(AriaRole.Region, new() { Name = "Needs attention" });
        await Expect(attention).ToContainTextAsync($"Volume {site.Server.FirstVolume} is read-only");
        await AdminSite.ShootAsync(page, "dashboard-attention");
        await attention.GetByRole(AriaRole.Link, new() { Name = $"1 corrupt or unreadable file on {second}" }).ClickAsync();
        Assert.Equal(HttpStatusCode.NotFound, await files.StatusOfAsync(VaultFiles.NameOf(damaged)));
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(damaged));
        await Expect(findings).ToContainTextAsync("0 open", new() { Timeout = 90_000 });
        await files.VerifyAsync(VaultFiles.NameOf(whole));
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task What_was_deleted_is_held_and_given_back()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        using var files = await AddBucketAsync(site, "held");
        await AdminSite.OpenAsync(page, "/storage/buckets/held");
        await page.Locator("#hold-days").FillAsync("30");
        await page.GetByRole(AriaRole.Region, new() { Name = "Protection and quota" }).GetByRole(AriaRole.Button, new() { Name = "Save" })
            .ClickAsync();
        await Expect(page.GetByText("is held for 30 days")).ToBeVisibleAsync();

        var content = RandomNumberGenerator.GetBytes(100_000);
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
        Assert.Equal(HttpStatusCode.OK, await files.DeleteAsync(VaultFiles.NameOf(content)));
        await AdminSite.OpenAsync(page, "/storage/buckets/held");
        var deleted = page.GetByRole(AriaRole.Region, new() { Name = "Deleted files" });
        await deleted.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(deleted).ToContainTextAsync("97.7 KiB");
        await AdminSite.ShootAsync(page, "trash");
        await deleted.GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Restored: 1 file.")).ToBeVisibleAsync();
        await files.VerifyAsync(VaultFiles.NameOf(content));
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Bucket_that_was_deleted_by_mistake_is_restored_with_a_new_key()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        using var files = await AddBucketAsync(site, "precious");
        var content = RandomNumberGenerator.GetBytes(100_000);
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));
        await AdminSite.OpenAsync(page, "/storage/buckets/precious");
        await page.Locator("#hold-days").FillAsync("30");
        await page.GetByRole(AriaRole.Region, new() { Name = "Protection and quota" }).GetByRole(AriaRole.Button, new() { Name = "Save" })
            .ClickAsync();
        await Expect(page.GetByText("removed for good after 30 days")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete bucket" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("can restore it");
        await Expect(dialog).Not.ToContainTextAsync("cannot be undone");
        await dialog.Locator("#confirm-id").FillAsync("precious");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        var deleted = page.GetByRole(AriaRole.Region, new() { Name = "Deleted buckets" });
        await Expect(deleted).ToContainTextAsync("precious");
        await AdminSite.ShootAsync(page, "deleted-buckets");
        await deleted.GetByRole(AriaRole.Button, new() { Name = "Restore precious" }).ClickAsync();
        await dialog.Locator("#restore-label").FillAsync("Back again");
        await AdminSite.ShootAsync(page, "restore-bucket", whole: false);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();

        await Expect(page.GetByTestId("commands")).ToContainTextAsync("restic snapshots");
        using var restored = new VaultFiles(site.Server.Address, "precious", await page.GetByTestId("secret").InnerTextAsync());
        await restored.VerifyAsync(VaultFiles.NameOf(content));
        await AdminSite.ShootAsync(page, "bucket-restored");
        await page.GetByRole(AriaRole.Link, new() { Name = "I have copied the key, go to the bucket" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Back again" })).ToBeVisibleAsync();
        await Expect(page.GetByText("is held for 30 days")).ToBeVisibleAsync();
        await AdminSite.OpenAsync(page, "/storage/buckets");
        await Expect(page.GetByText("Back again")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Restore precious" })).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    private static async Task<VaultFiles> AddBucketAsync(AdminSite site, string id)
    {
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        var bucket = await admin.AddBucketAsync(id);
        return new VaultFiles(site.Server.Address, id, bucket.Secret!);
    }
}
