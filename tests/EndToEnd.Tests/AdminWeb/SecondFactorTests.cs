using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>Authenticator app, recovery codes and passkeys, as a person uses them.</summary>
[Collection(Lanes.Pages)]
public sealed class SecondFactorTests(PageServer server)
{
    [Fact]
    public async Task App_is_set_up_and_asked_for_and_a_recovery_code_replaces_it_once()
    {
        await using var site = await AdminSite.OnAsync(server, "with-app");
        var page = await site.EnterAsync();
        await AdminSite.OpenAsync(page, "/account");
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator app" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Set up" })).ToBeVisibleAsync();
        await page.Locator("[name=password]").FillAsync(AdminClient.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await Expect(page.GetByAltText("QR code for the authenticator app")).ToBeVisibleAsync();
        await AdminSite.ShootAsync(page, "authenticator");
        var secret = await page.GetByTestId("secret").InnerTextAsync();
        await page.Locator("[name=code]").FillAsync(AuthenticatorApp.CodeAt(secret, TimeProvider.System.GetUtcNow()));
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        await Expect(page.Locator(".recovery-codes li")).ToHaveCountAsync(10);
        await AdminSite.ShootAsync(page, "recovery-codes");
        var recovery = await page.Locator(".recovery-codes li").First.InnerTextAsync();

        var other = await site.Browser.OpenWindowAsync();
        await other.GotoAsync("/storage/volumes");
        await site.SignInAsync(other);
        await other.Locator("[name=code]").FillAsync("000000");
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Alert).First).ToContainTextAsync("The code is wrong");
        await AdminSite.ShootAsync(other, "sign-in-code");
        await other.Locator("[name=code]").FillAsync(recovery);
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await AdminSite.IsReadyAsync(other);
        Assert.Equal("/storage/volumes", new Uri(other.Url).AbsolutePath);

        await other.GotoAsync("/account/authenticator");
        await Expect(other.GetByText("You have 9 of 10 recovery codes left")).ToBeVisibleAsync();
        await other.Locator("[name=password]").FillAsync(AdminClient.Password);
        await other.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Set up" })).ToBeVisibleAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Passkey_is_added_signs_in_alone_and_is_removed()
    {
        await using var site = await AdminSite.OnAsync(server, "with-passkey", byName: true);
        var page = await site.EnterAsync();
        var device = await page.Context.NewCDPSessionAsync(page);
        await device.SendAsync("WebAuthn.enable");
        await device.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await AddPasskeyAsync(page);
        await AdminSite.ShootAsync(page, "passkeys");

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/storage/volumes");
        await AdminSite.ShootAsync(page, "sign-in-passkey");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await AdminSite.IsReadyAsync(page);
        Assert.Equal("/storage/volumes", new Uri(page.Url).AbsolutePath);

        await page.GotoAsync("/account/passkeys");
        await page.Locator("form[action$='/passkeys/remove'] [name=password]").FillAsync(AdminClient.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove My telephone" }).ClickAsync();
        await Expect(page.GetByText("The passkey is removed.")).ToBeVisibleAsync();
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await Expect(page.GetByText("This passkey is not known here")).ToBeVisibleAsync();

        await site.SignInAsync(page);
        await AdminSite.IsReadyAsync(page);
        await AddPasskeyAsync(page);
        await page.Context.ClearCookiesAsync();
        await LockAsync(site); // a passkey cannot be guessed, so the lock does not apply to it
        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await AdminSite.IsReadyAsync(page);
        site.Browser.AssertQuiet();
    }

    private static async Task AddPasskeyAsync(IPage page)
    {
        await page.GotoAsync("/account/passkeys");
        await page.Locator("[name=name]").FillAsync("My telephone");
        await page.Locator("[name=password]").FillAsync(AdminClient.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add passkey" }).ClickAsync();
        await Expect(page.GetByText("The passkey is added")).ToBeVisibleAsync();
        await Expect(page.GetByText("My telephone, added")).ToBeVisibleAsync();
    }

    /// <summary>Fails to sign in until the name is locked, as somebody may do who wants to keep the administrator out.</summary>
    private static async Task LockAsync(AdminSite site)
    {
        using var http = new HttpClient { BaseAddress = site.Server.Address };
        var answers = new List<HttpStatusCode>();
        foreach (var password in new[] { "1", "2", "3", "4", "5", AdminClient.Password })
        {
            using var answer = await http.PostAsJsonAsync(Routes.Sessions, new StartSession(site.Administrator, password));
            answers.Add(answer.StatusCode);
        }

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Unauthorized, status));
    }
}
