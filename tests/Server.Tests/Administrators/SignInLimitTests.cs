using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Halley.Protocol;
using Halley.Server.Settings;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Administrators;

/// <summary>What a refused sign-in says about further tries.</summary>
public class SignInLimitTests
{
    private static readonly string[] Names =
        ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
            "Retry-After"];

    [Theory]
    [DatabaseData]
    public async Task Tries_are_counted_down_alike_for_names_that_exist_and_that_do_not(TestDatabase database)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host =
            await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Database = database, Time = time, Kestrel = true });
        await host.AddAccountAsync("anna");
        var told = new Dictionary<string, List<string>>();
        foreach (var name in new[] { ServerHost.Username, "anna", "nobody" })
        {
            told[name] = [];
            for (var i = 0; i < LoginRules.DefaultThreshold + 1; i++)
            {
                using var answer = await host.TrySignInAsync(name, $"wrong {i}");
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                told[name].Add(HeadersOf(answer));
            }
        }

        var end = (time.GetUtcNow() + LoginRules.DefaultCooldown).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Assert.Equal($"5 4 300 5 4 {end} -", told["nobody"][0]);
        Assert.Equal($"5 1 300 5 1 {end} -", told["nobody"][3]);
        Assert.Equal($"5 0 300 5 0 {end} 300", told["nobody"][4]);
        Assert.Equal($"5 0 300 5 0 {end} 300", told["nobody"][5]);
        Assert.Equal(told["nobody"], told[ServerHost.Username]);
        Assert.Equal(told["nobody"], told["anna"]);

        // What is told is true: it is over after the time that was named, and not before.
        time.Advance(TimeSpan.FromSeconds(299));
        using var early = await host.TrySignInAsync();
        Assert.Equal("5 0 1 5 0 " + end + " 1", HeadersOf(early));
        time.Advance(TimeSpan.FromSeconds(2));
        using var late = await host.TrySignInAsync();
        Assert.Equal(HttpStatusCode.Created, late.StatusCode);
        Assert.Equal("- - - - - - -", HeadersOf(late));
    }

    [Fact]
    public async Task Vendors_api_keeps_its_body_and_tells_in_headers_and_an_address_that_is_not_listened_to_is_told_for_every_name()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Time = time, Kestrel = true });
        await host.Service<Settings.ServerSettings>().ChangeAsync(
            settings => settings.LoginProtection.FailureThreshold = 2,
            default);
        using (var first = await CallAsync(host, "admin/list-users", "nobody"))
        {
            Assert.Equal("""{"Status":403,"Message":"Unauthorised"}""", await first.Content.ReadAsStringAsync());
            Assert.StartsWith("2 1 300 2 1", HeadersOf(first), StringComparison.Ordinal);
            Assert.EndsWith("-", HeadersOf(first), StringComparison.Ordinal);
        }

        using (var second = await CallAsync(host, "user/web/session/start", "nobody"))
        {
            Assert.EndsWith(" 300", HeadersOf(second), StringComparison.Ordinal);
        }

        for (var i = 0; i < 20; i++)
        {
            using var guess = await CallAsync(host, "hybrid/session/start", $"somebody {i}");
        }

        using var blocked = await host.TrySignInAsync("somebody new", "x");
        Assert.Equal("0", blocked.Headers.GetValues("RateLimit-Remaining").Single());
        Assert.True(blocked.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    private static async Task<HttpResponseMessage> CallAsync(ServerHost host, string call, string name) => await host.Http.PostAsync(
        new Uri($"{Routes.CometApi}/{call}", UriKind.Relative),
        new FormUrlEncodedContent([new("Username", name), new("AuthType", "Password"), new("Password", "wrong")]));

    private static string HeadersOf(HttpResponseMessage answer) =>
        string.Join(' ', Names.Select(name => answer.Headers.TryGetValues(name, out var values) ? values.Single() : "-"));
}
