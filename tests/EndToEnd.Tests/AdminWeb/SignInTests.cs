using System.Net.Http.Json;
using Halley.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>From the printed link to a signed-in person, and out again.</summary>
[Collection(Lanes.Pages)]
public sealed class SignInTests(PageServer server)
{
    private const string NewPassword = "another long pass phrase 2";

    [Fact]
    public async Task Listed_site_signs_an_administrator_in_by_a_message_and_another_site_does_not()
    {
        const string Portal = "http://portal.test";
        await using var site = await AdminSite.StartAsync(options: new() { ["Halley:SessionSignIn:Origins:0"] = Portal });
        using var http = new HttpClient { BaseAddress = site.Server.Address };
        using var session =
            await http.PostAsJsonAsync(Routes.Sessions, new StartSession(AdminClient.Username, AdminClient.Password));
        var key = (await session.Content.ReadFromJsonAsync<SessionStarted>())!.SessionKey;

        var refused = await OpenFromAsync("http://other.test");
        await refused.EvaluateAsync("new Promise(resolve => setTimeout(resolve))"); // messages that were sent before have arrived
        await Expect(refused.GetByLabel("Password")).ToBeVisibleAsync();
        await AdminSite.IsReadyAsync(await OpenFromAsync(Portal));

        async Task<IPage> OpenFromAsync(string origin)
        {
            var page = await site.Browser.OpenWindowAsync();
            await page.Context.RouteAsync($"{origin}/", route => route.FulfillAsync(new() { ContentType = "text/html", Body = "Portal" }));
            await page.GotoAsync($"{origin}/");
            var window = await page.RunAndWaitForPopupAsync(() => page.EvaluateAsync(
                "address => { window.opened = window.open(address + '/sign-in'); }", site.Server.Address.OriginalString));
            await window.WaitForLoadStateAsync();
            await page.EvaluateAsync(
                "([address, name, key]) => opened.postMessage({ msg: 'session_login', username: name, sessionkey: key }, address)",
                new[] { site.Server.Address.OriginalString, AdminClient.Username, key });
            return window;
        }
    }

    [Fact]
    public async Task Setup_link_makes_the_administrator_once_and_leaves_no_token_behind()
    {
        await using var site = await AdminSite.StartEmptyAsync();
        var token = await site.ReadTokenAsync();
        var page = await site.Browser.OpenWindowAsync();

        await page.GotoAsync("/setup?token=0123");
        await Expect(page.GetByText("This set-up token is wrong")).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Expect(page.GetByText("This server has no administrator yet")).ToBeVisibleAsync();
        await page.GotoAsync($"/setup?token={token}");
        Assert.Equal("/setup", new Uri(page.Url).PathAndQuery);
        await AdminSite.ShootAsync(page, "setup");
        await page.Locator("[name=password]").FillAsync(AdminClient.Password);
        await page.Locator("[name=repetition]").FillAsync("something else 123");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make administrator" }).ClickAsync();
        await Expect(page.GetByText("The two passwords differ. Type the same one twice.")).ToBeVisibleAsync();
        await page.Locator("[name=password]").FillAsync(AdminClient.Password);
        await page.Locator("[name=repetition]").FillAsync(AdminClient.Password);
        await page.Locator("[name=repetition]").PressAsync("Enter");
        await AdminSite.IsReadyAsync(page);
        await Expect(page.GetByText("Next steps")).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "dashboard-empty");

        await page.GotoAsync($"/setup?token={token}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This server is set up" })).ToBeVisibleAsync();
        Assert.DoesNotContain(token, LogOf(site), StringComparison.Ordinal);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Signing_out_and_in_again_leads_back_to_the_page_that_was_asked_for()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByText("You are signed out.")).ToBeVisibleAsync();

        await page.GotoAsync("/storage/volumes");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await site.SignInAsync(page, "not the password");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Name or password is wrong");
        await AdminSite.ShootAsync(page, "sign-in-wrong");
        await site.SignInAsync(page);
        await AdminSite.IsReadyAsync(page);
        Assert.Equal("/storage/volumes", new Uri(page.Url).AbsolutePath);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Return_address_of_another_host_is_ignored()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        foreach (var address in new[] { "https://example.org/", "//example.org/", "/\\example.org/" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            await Expect(page.GetByText("You are signed out.")).ToBeVisibleAsync();
            await page.GotoAsync($"/sign-in?ReturnUrl={Uri.EscapeDataString(address)}");
            await site.SignInAsync(page);

            await AdminSite.IsReadyAsync(page);
            Assert.Equal(site.Server.Address, new Uri(page.Url));
        }

        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Changing_the_password_ends_the_open_page_of_another_browser()
    {
        await using var site = await AdminSite.OnAsync(server, "with-new-password");
        var page = await site.EnterAsync();
        var other = await site.Browser.OpenWindowAsync();
        await other.GotoAsync("/storage/buckets");
        await site.SignInAsync(other);
        await AdminSite.IsReadyAsync(other);

        await ChangePasswordAsync(page, "wrong password");
        await Expect(page.GetByText("The current password is wrong")).ToBeVisibleAsync();
        await ChangePasswordAsync(page, AdminClient.Password);
        await Expect(page.GetByText("The password is changed")).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "account");

        await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await site.SignInAsync(other);
        await Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("Name or password is wrong");
        await site.SignInAsync(other, NewPassword);
        await AdminSite.IsReadyAsync(other);
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Every_page_tells_browsers_to_trust_nothing_else()
    {
        await using var site = await AdminSite.OnAsync(server);
        site.Browser.Expected.Add("404");
        var page = await site.EnterAsync();
        foreach (var path in new[] { "/", "/storage/buckets", "/storage/volumes", "/account", "/setup", "/nothing-here" })
        {
            var answer = await page.GotoAsync(path);
            var policy = await answer!.HeaderValueAsync("content-security-policy");
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", await answer.HeaderValueAsync("x-content-type-options"));
            Assert.Equal("no-referrer", await answer.HeaderValueAsync("referrer-policy"));
        }

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Signing_out_from_a_foreign_form_is_refused()
    {
        await using var site = await AdminSite.OnAsync(server);
        site.Browser.Expected.Add("400");
        var page = await site.EnterAsync();

        var answer = await page.Context.APIRequest.PostAsync(
            "/sign-out", new() { Form = page.Context.APIRequest.CreateFormData().Set("reason", "") });

        Assert.Equal(400, answer.Status);
        await AdminSite.OpenAsync(page, "/");
        site.Browser.AssertQuiet();
    }

    private static async Task ChangePasswordAsync(IPage page, string current)
    {
        await AdminSite.OpenAsync(page, "/account");
        await page.Locator("[name=current]").FillAsync(current);
        await page.Locator("[name=password]").FillAsync(NewPassword);
        await page.Locator("[name=repetition]").FillAsync(NewPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await AdminSite.IsReadyAsync(page);
    }

    private static string LogOf(AdminSite site) =>
        string.Concat(Directory.EnumerateFiles(Path.Combine(site.Server.DataDirectory, "logs")).Select(ReadShared));

    // The server has the file open.
    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
