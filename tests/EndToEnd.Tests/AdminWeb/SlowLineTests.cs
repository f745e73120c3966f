using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Halley.EndToEnd.Tests.AdminWeb;

/// <summary>On a slow line the server's messages arrive while an administrator is already typing.</summary>
[Collection(Lanes.Pages)]
public sealed class SlowLineTests(PageServer server)
{
    [Fact]
    public async Task Text_stays_in_the_field_of_a_dialog_in_which_it_is_typed()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        await admin.AddBucketAsync("slow-line");
        var line = new HeldLine();
        await page.RouteWebSocketAsync(new Regex("/_blazor"), line.Connect);
        await AdminSite.OpenAsync(page, "/storage/buckets/slow-line");

        line.HoldAfter("transfer-server"); // the dialog is drawn, and nothing that follows it arrives
        await page.GetByRole(AriaRole.Button, new() { Name = "Transfer to another server" }).ClickAsync();
        await Expect(page.Locator("#transfer-server")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("https://other.example.com/");
        await page.Locator("#transfer-token").ClickAsync();
        await page.Keyboard.TypeAsync("halley_");
        line.Release();
        await Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(1);
        await page.Keyboard.TypeAsync("token");

        await Expect(page.Locator("#transfer-server")).ToHaveValueAsync("https://other.example.com/");
        await Expect(page.Locator("#transfer-token")).ToHaveValueAsync("halley_token");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Transfer to another server" })).ToBeFocusedAsync();
        site.Browser.AssertQuiet();
    }

    [Fact]
    public async Task Esc_closes_a_dialog_as_soon_as_it_is_seen()
    {
        await using var site = await AdminSite.OnAsync(server);
        var page = await site.EnterAsync();
        using var admin = await AdminClient.SignInAsync(site.Server.Address);
        await admin.AddBucketAsync("slow-escape");
        var line = new HeldLine();
        await page.RouteWebSocketAsync(new Regex("/_blazor"), line.Connect);
        await AdminSite.OpenAsync(page, "/storage/buckets/slow-escape");

        line.HoldAfter("transfer-server");
        await page.GetByRole(AriaRole.Button, new() { Name = "Transfer to another server" }).ClickAsync();
        await Expect(page.Locator("#transfer-server")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        line.Release();

        await Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        site.Browser.AssertQuiet();
    }

    /// <summary>The connection of a page, on which the server's messages can be held back.</summary>
    private sealed class HeldLine
    {
        private readonly Lock _lock = new();
        private readonly List<Action> _held = [];
        private byte[]? _last;
        private bool _isHeld;

        public void Connect(IWebSocketRoute page)
        {
            var server = page.ConnectToServer();
            server.OnMessage(frame => Pass(page, frame));
        }

        /// <summary>Delivers the next message that contains <paramref name="text"/> and holds back those that follow it.</summary>
        public void HoldAfter(string text)
        {
            lock (_lock)
            {
                _last = Encoding.UTF8.GetBytes(text);
            }
        }

        public void Release()
        {
            lock (_lock)
            {
                (_isHeld, _last) = (false, null);
                _held.ForEach(send => send());
                _held.Clear();
            }
        }

        private void Pass(IWebSocketRoute page, IWebSocketFrame frame)
        {
            lock (_lock)
            {
                if (_isHeld)
                {
                    _held.Add(() => Send(page, frame));
                    return;
                }

                _isHeld = _last is not null && Contains(frame, _last);
                Send(page, frame);
            }
        }

        private static bool Contains(IWebSocketFrame frame, byte[] text) =>
            (frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? "")).AsSpan().IndexOf(text) >= 0;

        private static void Send(IWebSocketRoute page, IWebSocketFrame frame)
        {
            if (frame.Binary is { } bytes)
            {
                page.Send(bytes);
            }
            else
            {
                page.Send(frame.Text!);
            }
        }
    }
}
