using System.Net;
using System.Security.Cryptography;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>A bucket is moved to another server from its page.</summary>
[Collection(Lanes.Pages)]
public sealed class TransferPageTests(PageServer server, SharedInstallation shared) : IClassFixture<SharedInstallation>
{
    [Fact]
    public async Task Bucket_is_transferred_and_its_page_says_where_it_is()
    {
        await using var site = await AdminSite.OnAsync(server);
        var other = shared.Installation;
        var page = await site.EnterAsync();
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        var bucket = await admin.AddBucketAsync("wanderer");
        using var files = new VaultFiles(site.Server.Address, "wanderer", bucket.Secret!);
        var content = RandomNumberGenerator.GetBytes(300_000);
        Assert.Equal(HttpStatusCode.OK, await files.UploadAsync(content));

        await AdminSite.OpenAsync(page, "/storage/buckets/wanderer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Transfer to another server" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("#transfer-server").FillAsync(other.Server.Address.ToString());
        await dialog.Locator("#transfer-token").FillAsync("halley_wrong");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Transfer" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("rejects the credential");
        await AdminSite.ShootAsync(page, "transfer", whole: false);
        await dialog.Locator("#transfer-token").FillAsync(await other.Admin.AddTokenAsync("buckets"));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Transfer" }).ClickAsync();

        var task = page.GetByRole(AriaRole.Article, new() { Name = "Task Transfer wanderer" });
        await Expect(task.Locator(".state")).ToHaveTextAsync("Done", new() { Timeout = 30_000 });
        using var there = new VaultFiles(other.Server.Address, "wanderer", bucket.Secret!);
        await there.VerifyAsync(VaultFiles.NameOf(content));
        await AdminSite.OpenAsync(page, "/storage/buckets/wanderer");
        await Expect(page.GetByText($"{other.Server.Address}vault/wanderer/")).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "moved");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow uploads here again" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Transfer to another server" })).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }
}
