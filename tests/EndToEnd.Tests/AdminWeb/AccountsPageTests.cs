using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>The pages on which an administrator adds a user and watches the backups of its machines.</summary>
[Collection(Lanes.Pages)]
public sealed class AccountsPageTests(PageServer server)
{
    private const string User = "anna@example.com";
    private const string Device = "annas-laptop";

    [Fact]
    public async Task User_who_is_added_on_the_page_has_a_machine_a_scheduled_backup_and_its_log()
    {
        await using var site = await AdminSite.OnAsync(server);
        using var machine = new HalleyProgram("", "password of no vault");
        var page = await site.EnterAsync();
        var command = await AddAsync(page, machine);
        machine.Variables["HALLEY_STATE_DIR"] = site.Directory.Combine("state");

        // What the page shows is run as it stands, but for root's rights and the service.
        var signIn = command.Split(" && ")[0].Replace("sudo halley", "$halley", StringComparison.Ordinal);
        (await machine.ShellAsync($"{signIn} --name {Device}")).EnsureSuccess();
        await using var agent = machine.Start("agent");
        await Expect(Card(page, "Devices").Locator(".state")).ToHaveTextAsync("Connected");

        await BackUpAsync(page, site.Directory);
        await Card(page, "Devices").GetByRole(AriaRole.Link, new() { Name = Device }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run backup" }).ClickAsync();
        await AdminSite.OpenAsync(page, $"/accounts?q={User}");
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = User });
        await Expect(row.Locator(".state")).ToHaveTextAsync("Fine");
        await Expect(row).ToContainTextAsync("Anna Schmidt");
        await page.GetByRole(AriaRole.Button, new() { Name = "Failed" }).ClickAsync();
        await Expect(page.GetByText("No account matches your search.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Fine" }).ClickAsync();
        await AdminSite.ShootAsync(page, "accounts");

        await row.GetByRole(AriaRole.Link, new() { Name = User }).ClickAsync();
        await Expect(Card(page, "Jobs").GetByRole(AriaRole.Link)).ToHaveTextAsync("Backup");
        Assert.Empty(await Accessibility.FindAsync(page));
        await AdminSite.ShootAsync(page, "account");
        await Card(page, "Jobs").GetByRole(AriaRole.Link, new() { Name = "Backup" }).ClickAsync();
        await Expect(Card(page, "Log")).ToContainTextAsync("Snapshot");
        Assert.Empty(await Accessibility.FindAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Errors", Exact = true }).ClickAsync();
        await Expect(Card(page, "Log")).ToContainTextAsync("The log has no such entries.");
        site.Browser.AssertQuiet();
    }

    // Returns the command that signs a machine in; the machine knows the password that the page has shown.
    private static async Task<string> AddAsync(IPage page, HalleyProgram machine)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Accounts", Exact = true }).ClickAsync();
        // The dashboard, which may still be there, has links of nearly the same name.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Accounts", Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add user" }).ClickAsync();
        await page.Locator("#account-username").FillAsync(User);
        await page.Locator("#account-name").FillAsync("Anna Schmidt");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add user" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "User added" })).ToBeVisibleAsync();
        machine.Variables["HALLEY_ACCOUNT_PASSWORD"] = await page.GetByTestId("password").InnerTextAsync();
        Assert.Empty(await Accessibility.FindAsync(page));
        var command = await page.GetByTestId("install-command").InnerTextAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "go to the account" }).ClickAsync();
        await Expect(Card(page, "Vaults")).ToContainTextAsync("Empty: the first backup sets it up.");
        return command;
    }

    private static async Task BackUpAsync(IPage page, TemporaryDirectory directory)
    {
        File.WriteAllText(Path.Combine(directory.CreateSubdirectory("documents"), "letter.txt"), "text");
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up folders" }).ClickAsync();
        await page.Locator("#back-up-paths").FillAsync("documents");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.Empty(await Accessibility.FindAsync(page));
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("'documents' is not an absolute path");
        await page.Locator("#back-up-paths").FillAsync(directory.Combine("documents"));
        await page.Locator("#back-up-time").FillAsync("03:30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(Card(page, "Protected items")).ToContainTextAsync("daily at 03:30");
    }

    private static ILocator Card(IPage page, string name) => page.GetByRole(AriaRole.Region, new() { Name = name });
}
