using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Halley.Protocol;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

public class RequestTests(SharedServers servers) : IClassFixture<SharedServers>
{
    [Theory]
    [InlineData("GET", "/api/v2/nothing", null, null, 404, "not_found")]
    [InlineData("PUT", "/api/v2/sessions", null, null, 405, "method_not_allowed")]
    [InlineData("POST", "/api/v2/sessions", "{\"username\":", "application/json", 400, "bad_request")]
    [InlineData("POST", "/api/v2/sessions", "[1]", "application/json", 400, "bad_request")]
    [InlineData("POST", "/api/v2/sessions", "x", "text/plain", 415, "unsupported_media_type")]
    [InlineData("DELETE", "/api/v2/sessions/current", null, null, 401, "session_required")]
    public async Task Refused_request_is_a_problem_with_a_code_and_advice(
        string method, string path, string? body, string? type, int status, string code)
    {
        var host = await servers.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, type!),
        };

        using var answer = await host.Http.SendAsync(request);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Body_over_the_limit_is_a_problem()
    {
        var host = await servers.StartAsync();

        using var answer = await host.Http.PostAsJsonAsync(Routes.Sessions, new StartSession("x", new string('x', 5_000_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("too_large", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        Assert.Empty(answer.Headers.Server);
    }

    [Fact]
    public async Task Log_has_a_line_per_request_and_never_a_secret()
    {
        using var directory = new TemporaryDirectory();
        string session, token;
        await using (var host = await ServerHost.StartAsync(new ServerHostOptions { DataDirectory = directory.Path, Kestrel = true }))
        {
            token = host.SetupToken;
            await host.CreateAdministratorAsync();
            session = (await host.StartSessionAsync()).SessionKey;
            await host.TrySignInAsync("name-typed-in", "password-typed-in");
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/setup%0Aline?token={token}&x=query-secret");
            request.Headers.Add("Authorization", $"Bearer {session}");
            request.Headers.Add("Cookie", "halley=cookie-secret");
            await host.Http.SendAsync(request);
        }

        var log = ServerHost.ReadLog(directory.Path);
        Assert.Matches(@"POST /api/v2/sessions 201 in [0-9.]+ ms, [1-9][0-9]* bytes in, [1-9][0-9]* bytes out, from 127\.0\.0\.1", log);
        Assert.Contains("GET /setup%0Aline 404", log, StringComparison.Ordinal);
        foreach (var secret in new[] { session, token, ServerHost.Password, "name-typed-in", "password-typed-in", "query-secret",
            "cookie-secret", "$2a$" })
        {
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("10.0.0.0/8", "127.0.0.1")]
    [InlineData("127.0.0.1", "198.51.100.4")]
    [InlineData("127.0.0.0/8", "198.51.100.4")]
    public async Task Forwarded_address_counts_only_from_a_trusted_proxy(string? trusted, string expected)
    {
        using var directory = new TemporaryDirectory();
        var options = new ServerHostOptions { DataDirectory = directory.Path, Kestrel = true };
        if (trusted is not null)
        {
            options.Settings["Halley:TrustedProxies:0"] = trusted;
        }

        await using (var host = await ServerHost.StartAsync(options))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
            request.Headers.Add("X-Forwarded-For", "203.0.113.9, 198.51.100.4");
            await host.Http.SendAsync(request);
        }

        Assert.Matches(
            $@"GET /healthz 200 .* from {System.Text.RegularExpressions.Regex.Escape(expected)}\n", ServerHost.ReadLog(directory.Path));
    }

    [Fact]
    public async Task Cookie_of_the_page_is_no_credential_for_the_api()
    {
        var host = await servers.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Delete, Routes.CurrentSession);
        request.Headers.Add("Cookie", "halley=anything");

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.SendAsync(request)).StatusCode);
    }
}
