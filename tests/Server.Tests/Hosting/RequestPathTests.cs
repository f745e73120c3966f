using System.Net;
using Halley.Server.Hosting;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>A check of a path is as lenient as routing, so that no request reaches an endpoint past it.</summary>
public class RequestPathTests
{
    [Theory]
    [InlineData("/live", true)]
    [InlineData("/LIVE/negotiate", true)]
    [InlineData("//live", true)]
    [InlineData("///Live/x", true)]
    [InlineData("/lively", false)]
    [InlineData("/x/live", false)]
    public void Path_is_compared_as_routing_does(string path, bool isBelow) => Assert.Equal(isBelow, RequestPaths.IsBelow(path, "/live"));

    [Theory]
    [InlineData("/live/negotiate")]
    [InlineData("/LIVE/negotiate")]
    [InlineData("//live/negotiate")]
    public async Task Every_spelling_of_the_hub_goes_through_admission(string path)
    {
        await using var host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true });
        await host.Service<Settings.ServerSettings>().ChangeAsync(
            options => options.AuthenticationRole.RoleEnabled = false,
            default);

        using var answer = await host.Http.PostAsync(
            new Uri($"{host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}{path}"), content: null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("auth_role_off", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    // PublicPath takes the prefix of a proxy away, which no endpoint has.
    [Fact]
    public void No_other_comparison_of_paths_is_in_the_server()
    {
        var found = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src", "Server"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("RequestPaths.cs" or "PublicPath.cs")
                && File.ReadAllText(file).Contains("StartsWithSegments", StringComparison.Ordinal));

        Assert.Empty(found);
    }
}
