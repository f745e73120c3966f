using Halley.EndToEnd.Tests.Live;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>Pages and dialogs can be read and used by everybody: in light and dark, on a desk and on a phone.</summary>
[Collection(Lanes.Pages)]
public sealed class AccessibilityTests(PageServer server)
{
    private static readonly string[] Paths =
    [
        "/", "/storage/buckets", "/storage/buckets/ID", "/storage/add-bucket", "/storage/volumes", "/storage/scrubs",
        "/storage/limits", "/storage/tasks", "/devices", "/accounts", "/accounts/add", "/accounts/account?user=ID", "/accounts/job?id=ID",
        "/account", "/account/passkeys", "/account/authenticator", "/nowhere",
    ];

    // Where a dialog opens: page, and the button that opens it.
    private static readonly (string Path, string Button)[] Dialogs =
    [
        ("/storage/volumes", "Add volume"), ("/storage/limits", "Add limit"), ("/storage/buckets/ID", "Add key"),
        ("/storage/buckets/ID", "Delete bucket"), ("/accounts/account?user=ID", "Add vault"),
    ];

    [Theory]
    [InlineData(false, 1280)]
    [InlineData(true, 360)]
    public async Task Pages_and_dialogs_keep_the_rules_of_WCAG(bool dark, int width)
    {
        await using var site = await AdminSite.OnAsync(server);
        var bucket = dark ? "read-at-night" : "read-by-day";
        using (var admin = await AdminClient.SignInAsync(site.Server.Address))
        {
            await admin.AddBucketAsync(bucket);
        }

        using var office = await FleetOffice.OpenAsync(site.Server.Address, user: bucket);

        var anonymous = await site.Browser.OpenWindowAsync(dark, width);
        await anonymous.GotoAsync("/sign-in");
        List<string> faults = [.. (await Accessibility.FindAsync(anonymous)).Select(fault => $"/sign-in {fault}")];
        var page = await site.EnterAsync(dark, width);
        site.Browser.Expected.Add("404"); // one of the paths leads nowhere
        foreach (var path in Paths.Select(path => path.Replace("ID", bucket, StringComparison.Ordinal)))
        {
            await page.GotoAsync(path);
            await Expect(page.Locator("#halley[data-interactive='0'], [aria-busy='true']")).ToHaveCountAsync(0);
            faults.AddRange((await Accessibility.FindAsync(page)).Select(fault => $"{path} {fault}"));
        }

        foreach (var (path, button) in Dialogs)
        {
            await AdminSite.OpenAsync(page, path.Replace("ID", bucket, StringComparison.Ordinal));
            await page.GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();
            await page.GetByRole(AriaRole.Dialog).WaitForAsync();
            faults.AddRange((await Accessibility.FindAsync(page)).Select(fault => $"{path} {button}: {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        site.Browser.AssertQuiet();
    }
}
