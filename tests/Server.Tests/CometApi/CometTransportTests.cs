using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Halley.Testing;

namespace Halley.Server.Tests.CometApi;

public class CometTransportTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private static readonly KeyValuePair<string, string>[] ByPassword =
        [new("Username", ServerHost.Username), new("AuthType", "Password"), new("Password", ServerHost.Password)];

    [Theory]
    [DatabaseData]
    public async Task Session_is_started_used_and_revoked(TestDatabase database)
    {
        var host = await servers.StartAsync(database);

        var started = await host.CallCometAsync("admin/account/session-start", [.. ByPassword, new("SelfAddress", "http://localhost/")]);
        Assert.Equal(["Status", "Message", "SessionKey", "SessionType"], started.EnumerateObject().Select(field => field.Name));
        Assert.Equal("admin", started.GetProperty("SessionType").GetString());
        KeyValuePair<string, string>[] bySession =
            [new("Username", ServerHost.Username), new("AuthType", "SessionKey"),
                new("SessionKey", started.GetProperty("SessionKey").GetString()!)];

        Assert.Equal(
            """{"Status":200,"Message":"OK"}""", (await host.CallCometAsync("admin/account/session-revoke", bySession)).ToString());
        Assert.Equal("""{"Status":403,"Message":"Unauthorised"}""",
            (await host.CallCometAsync("admin/account/session-revoke", bySession)).ToString());
    }

    [Fact]
    public async Task Credentials_are_taken_from_headers_too()
    {
        var host = await servers.StartAsync();
        (string, string)[] headers =
        [
            ("X-Comet-Admin-Username", ServerHost.Username), ("X-Comet-Admin-AuthType", "Password"),
            ("X-Comet-Admin-Password", ServerHost.Password),
        ];

        Assert.Equal(200, Status(await host.CallCometAsync("admin/account/session-start", [], headers)));
        using var multipart = new MultipartFormDataContent { { new StringContent("x"), "upload", "file.dat" } };
        foreach (var (name, value) in headers)
        {
            multipart.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await host.Http.PostAsync(new Uri("/api/v1/admin/account/session-start", UriKind.Relative), multipart);
        Assert.Equal(200, Status(await ReadAsync(answer)));
    }

    [Fact]
    public async Task Wrong_credentials_of_any_kind_get_the_same_answer()
    {
        await using var host = await ServerHost.StartWithAdministratorAsync();
        var session = (await host.StartSessionAsync()).SessionKey;
        KeyValuePair<string, string>[][] wrong =
        [
            [],
            [new("Username", "alice"), new("AuthType", "Password"), new("Password", "wrong")],
            [new("Username", "nobody"), new("AuthType", "Password"), new("Password", "wrong")],
            [new("Username", "alice"), new("AuthType", "Password")],
            [new("Username", "alice"), new("AuthType", "SessionKey"), new("SessionKey", new string('0', 64))],
            [new("Username", "nobody"), new("AuthType", "SessionKey"), new("SessionKey", session)],
            [new("username", "alice"), new("authtype", "Password"), new("password", ServerHost.Password)],
        ];

        foreach (var fields in wrong)
        {
            Assert.Equal("""{"Status":403,"Message":"Unauthorised"}""",
                (await host.CallCometAsync("admin/account/session-start", fields)).ToString());
        }
    }

    [Theory]
    [InlineData("PasswordTOTP", 200)] // the code is not asked for, so it does not matter
    [InlineData("PasswordWebAuthn", 400)]
    [InlineData("PasswordU2F", 400)]
    [InlineData("TOTP", 403)]
    public async Task Kind_of_credential_without_a_second_factor_gets_a_clear_answer(string kind, int status)
    {
        var host = await servers.StartAsync();

        var answer = await host.CallCometAsync(
            "admin/account/session-start",
            [new("Username", "alice"), new("AuthType", kind), new("Password", ServerHost.Password), new("TOTP", "123456")]);

        Assert.Equal(status, Status(answer));
    }

    [Theory]
    [InlineData("POST", "//api/v1/admin/account/session-start", 200)]
    [InlineData("POST", "///api/v1/admin/account/session-start", 200)]
    [InlineData("POST", "/api/v1/admin/no-such-call", 404)]
    [InlineData("GET", "/api/v1/admin/account/session-start", 404)]
    [InlineData("POST", "/api/v1", 404)]
    public async Task Every_address_below_the_root_answers_200_with_a_status_in_the_body(string method, string path, int status)
    {
        var host = await servers.StartAsync();
        using var request =
            new HttpRequestMessage(new HttpMethod(method), new Uri($"{host.Http.BaseAddress!.ToString().TrimEnd('/')}{path}"));
        request.Content = method == "POST" ? new FormUrlEncodedContent(ByPassword) : null;

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(status, Status(await ReadAsync(answer)));
    }

    [Fact]
    public async Task Body_that_is_no_form_or_too_large_is_refused_in_the_vendors_way()
    {
        var host = await servers.StartAsync();
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");

        Assert.Equal(400, Status(await ReadAsync(await PostAsync(host, json))));
        Assert.Contains("{\"Status\":400,", await AnnounceAsync(host, 20_000_000), StringComparison.Ordinal);
    }

    // Raw, because an HTTP client goes on sending after an answer that says 200, and loses the answer when the server hangs up.
    private static async Task<string> AnnounceAsync(ServerHost host, int length)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Http.BaseAddress!.Host, host.Http.BaseAddress.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/v1/admin/account/session-start HTTP/1.1\r\nHost: {host.Http.BaseAddress.Authority}\r\nConnection: close\r\n" +
            $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"));
        // Not until the connection ends: the server waits some seconds for the body and then resets it.
        using var reader = new StreamReader(stream);
        var answer = new StringBuilder();
        for (var part = new char[4096]; !answer.ToString().Contains('}', StringComparison.Ordinal);)
        {
            var read = await reader.ReadAsync(part);
            Assert.True(read > 0, $"The connection ended after: {answer}");
            answer.Append(part, 0, read);
        }

        return answer.ToString();
    }

    private static Task<HttpResponseMessage> PostAsync(ServerHost host, HttpContent content) =>
        host.Http.PostAsync(new Uri("/api/v1/admin/account/session-start", UriKind.Relative), content);

    private static int Status(JsonElement answer) => answer.GetProperty("Status").GetInt32();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
