using Halley.Server.CometApi.Calls;
using Halley.Server.Tests.AuthRole.Accounts;
using Halley.Testing;

namespace Halley.Server.Tests.CometApi;

/// <summary>Calls whose callers save the body as a file, unread, refuse with the status of HTTP.</summary>
public sealed class RawRefusalTests(SharedServers servers) : IClassFixture<SharedServers>
{
    public static TheoryData<string> Calls =>
        [.. VendorApi.Known.Endpoints.Where(call => call.Response == "raw bytes").Select(call => call.Path)];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_for_bytes_is_not_refused_with_200(string path)
    {
        var host = await servers.StartAsync();
        using var content = new FormUrlEncodedContent([]);

        using var answer = await host.Http.PostAsync(new Uri(path, UriKind.Relative), content);

        var expected = UnsupportedCalls.ReturnsBytes(path["/api/v1/".Length..]) ? UnsupportedCalls.NotImplemented : 403;
        Assert.Equal((expected, "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
    }

    [Fact]
    public async Task Refusal_of_a_call_for_bytes_has_the_same_status_in_its_body()
    {
        var host = await servers.StartAsync();

        Assert.Equal(404, (await host.AsAdministratorAsync("meta/resource/get", ("Hash", new string('0', 64)))).StatusOf());
        Assert.Equal(501, (await host.CallCometAsync("update-software/windows", [])).StatusOf());
    }
}
