using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Server.AdminWeb.Security;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

/// <summary>Sessions of browsers: the cookie names a session that the server can end.</summary>
public partial class PageSessionTests
{
    [Theory]
    [DatabaseData]
    public async Task Sign_out_ends_the_session_so_that_a_copied_cookie_is_worth_nothing(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var browser = new Browser(host.CreateClient());
        await browser.SignInAsync();
        using var thief = browser.Copy(host.CreateClient());
        Assert.True(await thief.IsSignedInAsync());

        await browser.SignOutAsync();

        Assert.False(await browser.IsSignedInAsync());
        Assert.False(await thief.IsSignedInAsync());
    }

    [Theory]
    [DatabaseData]
    public async Task Session_of_a_browser_is_listed_and_can_be_ended_from_elsewhere(TestDatabase database)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database });
        using var browser = new Browser(host.CreateClient());
        await browser.SignInAsync();
        using var alice = await host.SignInAsync();

        var other = (await alice.GetFromJsonAsync<Page<SessionInfo>>(Routes.Sessions))!.Items.Single(session => !session.Current);
        Assert.Equal(
            HttpStatusCode.NoContent, (await alice.DeleteAsync(new Uri($"{Routes.Sessions}/{other.Id}", UriKind.Relative))).StatusCode);

        Assert.False(await browser.IsSignedInAsync());
    }

    [Fact]
    public async Task Session_ends_when_it_is_unused_for_eight_hours_and_at_the_latest_after_two_days()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time });
        using var idle = new Browser(host.CreateClient());
        using var busy = new Browser(host.CreateClient());
        await idle.SignInAsync();
        await busy.SignInAsync();

        for (var hours = 7; hours < 48; hours += 7)
        {
            time.Advance(TimeSpan.FromHours(7));
            Assert.True(await busy.IsSignedInAsync(), $"after {hours} hours");
        }

        Assert.False(await idle.IsSignedInAsync());
        time.Advance(TimeSpan.FromHours(7));
        Assert.False(await busy.IsSignedInAsync());
    }

    [Fact]
    public async Task Cookie_is_named_by_the_installation_and_bound_to_the_host_over_tls()
    {
        await using var first = await ServerHost.StartWithAdministratorAsync();
        await using var second = await ServerHost.StartWithAdministratorAsync();
        using var plain = new Browser(first.CreateClient());
        using var encrypted = new Browser(first.CreateClient(), "https://localhost");
        using var elsewhere = new Browser(second.CreateClient());
        await plain.SignInAsync();
        await encrypted.SignInAsync();
        await elsewhere.SignInAsync();

        var name = plain.SessionCookie;
        Assert.Matches("^halley-[0-9a-f]{8}$", name);
        Assert.Matches("^halley-[0-9a-f]{8}$", elsewhere.SessionCookie);
        Assert.NotEqual(name, elsewhere.SessionCookie);
        Assert.Equal($"__Host-{name}", encrypted.SessionCookie);
        var set = encrypted.Written[encrypted.SessionCookie];
        Assert.Contains("; path=/;", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; secure", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", set, StringComparison.OrdinalIgnoreCase);
        Assert.True(await encrypted.IsSignedInAsync());
        Assert.Equal(Names(""), plain.Written.Keys.ToHashSet());
        Assert.Equal(Names("__Host-"), encrypted.Written.Keys.ToHashSet());
        Assert.Contains(
            $"data-cookie=\"__Host-halley-view-{name[^8..]}\"", await encrypted.ReadAsync("/account"), StringComparison.Ordinal);

        HashSet<string> Names(string prefix) => [$"{prefix}halley-{name[^8..]}", $"{prefix}halley-form-{name[^8..]}"];
    }

    [Fact]
    public async Task Administrator_may_have_a_limited_number_of_open_pages()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        var address = new UriBuilder(host.Http.BaseAddress!) { Scheme = Uri.UriSchemeWs, Path = OpenPages.Connections }.Uri;
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var browser = new Browser(client, host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await browser.SignInAsync();
        var open = new List<ClientWebSocket>();
        while (open.Count < OpenPages.MostOfAdministrator)
        {
            open.Add(await ConnectAsync());
        }

        await Assert.ThrowsAsync<WebSocketException>(ConnectAsync);
        open[0].Abort();
        await Eventually.HoldsAsync("a closed page makes room", TimeSpan.FromSeconds(30), async () =>
        {
            try
            {
                open.Add(await ConnectAsync());
                return true;
            }
            catch (WebSocketException)
            {
                return false;
            }
        });
        open.ForEach(page => page.Dispose());

        async Task<ClientWebSocket> ConnectAsync()
        {
            var page = new ClientWebSocket();
            page.Options.SetRequestHeader("Cookie", browser.Cookies);
            await page.ConnectAsync(address, default);
            return page;
        }
    }

    private sealed partial class Browser(HttpClient client, string origin = "http://localhost") : IDisposable
    {
        private readonly Dictionary<string, string> _cookies = [];

        /// <summary>The latest Set-Cookie of each name.</summary>
        public Dictionary<string, string> Written { get; } = [];

        public string Cookies => string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

        public string SessionCookie => _cookies.Keys.Single(name => SessionName().IsMatch(name));

        public Browser Copy(HttpClient other)
        {
            var copy = new Browser(other, origin);
            foreach (var (name, value) in _cookies)
            {
                copy._cookies[name] = value;
            }

            return copy;
        }

        public async Task SignInAsync()
        {
            var token = await TokenOfAsync("/sign-in");
            using var answer = await SendAsync(HttpMethod.Post, "/sign-in", new()
            {
                ["__RequestVerificationToken"] = token,
                ["_handler"] = "sign-in",
                ["username"] = ServerHost.Username,
                ["password"] = ServerHost.Password,
            });
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.True(await IsSignedInAsync());
        }

        public async Task SignOutAsync()
        {
            var token = await TokenOfAsync("/account");
            using var answer = await SendAsync(HttpMethod.Post, "/sign-out", new() { ["__RequestVerificationToken"] = token });
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }

        public async Task<bool> IsSignedInAsync()
        {
            using var answer = await SendAsync(HttpMethod.Get, "/account");
            return answer.StatusCode == HttpStatusCode.OK;
        }

        public async Task<string> ReadAsync(string path)
        {
            using var page = await SendAsync(HttpMethod.Get, path);
            return await page.Content.ReadAsStringAsync();
        }

        public void Dispose() => client.Dispose();

        private async Task<string> TokenOfAsync(string path) =>
            WebUtility.HtmlDecode(Token().Match(await ReadAsync(path)).Groups[1].Value);

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Dictionary<string, string>? form = null)
        {
            using var request = new HttpRequestMessage(method, new Uri(origin + path));
            request.Headers.TryAddWithoutValidation("Cookie", Cookies);
            request.Content = form is null ? null : new FormUrlEncodedContent(form);
            var answer = await client.SendAsync(request);
            foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
            {
                var (name, value) = (set[..set.IndexOf('=')], set[(set.IndexOf('=') + 1)..set.IndexOf(';')]);
                Written[name] = set;
                if (value.Length > 0)
                {
                    _cookies[name] = value;
                }
                else
                {
                    _cookies.Remove(name);
                }
            }

            return answer;
        }

        [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
        private static partial Regex Token();

        [GeneratedRegex("^(__Host-)?halley-[0-9a-f]{8}$")]
        private static partial Regex SessionName();
    }
}
