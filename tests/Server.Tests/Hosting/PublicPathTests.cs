using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>A server below a path of a proxy's host, whether or not the proxy removes the path before it passes a request on.</summary>
public sealed partial class PublicPathTests
{
    [Fact]
    public async Task Every_address_that_is_answered_has_the_path_of_the_public_address()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(
            new ServerHostOptions { Settings = { ["Halley:PublicUrl"] = "https://example.org/halley" } });
        using var client = await host.SignInAsync();
        foreach (var prefix in new[] { "", "/halley" })
        {
            using var lead = await client.GetAsync(new Uri($"{prefix}/storage/buckets", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Redirect, lead.StatusCode);
            Assert.StartsWith("/halley/sign-in", lead.Headers.Location!.IsAbsoluteUri
                ? lead.Headers.Location.AbsolutePath : lead.Headers.Location.OriginalString, StringComparison.Ordinal);
            using var created = await client.PostAsJsonAsync($"{prefix}{Routes.Buckets}", new { });
            Assert.StartsWith("/halley/api/v2/buckets/", created.Headers.Location!.OriginalString, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(created.Headers.Location)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri($"{prefix}/healthz", UriKind.Relative))).StatusCode);
            using var vault = await client.GetAsync(new Uri($"{prefix}/vault/none/data/", UriKind.Relative));
            Assert.Equal(HttpStatusCode.Unauthorized, vault.StatusCode);

            var page = await client.GetStringAsync(new Uri($"{prefix}/sign-in?ReturnUrl=%2Fhalley%2Fdevices", UriKind.Relative));
            Assert.Contains("<base href=\"/halley/\"", page, StringComparison.Ordinal);
            Assert.Contains("ReturnUrl=%2Fdevices", page, StringComparison.Ordinal);
            Assert.Empty(RootedLink().Matches(page).Select(match => match.Value).Except(["href=\"/halley/\""])); // the base itself
        }
    }

    [Fact]
    public void No_page_links_to_the_root_of_the_host()
    {
        var pages = Directory.GetFiles(Path.Combine(Checkout.Root, "src", "Server", "AdminWeb"), "*.razor*", SearchOption.AllDirectories);
        Assert.Empty(pages.SelectMany(page => RootedLink().Matches(File.ReadAllText(page)).Select(match => $"{page}: {match.Value}")));
    }

    [GeneratedRegex("""\b(?:href|Href|action|src|Link|NavigateTo\()="?/[^"]*"?""")]
    private static partial Regex RootedLink();
}
