using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Halley.Protocol;
using Halley.Server.Events;
using Halley.Server.Tests.Organizations;
using Halley.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Halley.Server.Tests.Events;

/// <summary>
/// Open streams end with what their listener came with. The clock stands still until a test moves it, so nothing ends by itself.
/// </summary>
public sealed class StreamEndTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private ServerHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ServerHost.StartWithAdministratorAsync(new ServerHostOptions { Kestrel = true, Time = _time });
        await _host.AddAdministratorAsync("bob", "");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Server_sent_events_end_when_the_session_is_ended_and_those_of_other_sessions_go_on()
    {
        using var bob = await _host.SignInAsync("bob");
        using var other = await _host.SignInAsync("bob");
        using var ended = await OpenAsync(bob);
        using var open = await OpenAsync(other);

        (await bob.DeleteAsync(new Uri(Routes.CurrentSession, UriKind.Relative))).EnsureSuccessStatusCode();

        await EndsAsync(ended);
        Assert.False(open.ReadToEndAsync().IsCompleted);
    }

    [Fact]
    public async Task Server_sent_events_end_when_the_session_has_expired()
    {
        using var bob = await _host.SignInAsync("bob");
        using var stream = await OpenAsync(bob);
        _time.Advance(TimeSpan.FromMinutes(29));
        var rest = stream.ReadToEndAsync();
        Assert.False(rest.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(2));

        await EndsAsync(rest);
    }

    [Fact]
    public async Task Server_sent_events_end_when_the_api_token_is_revoked()
    {
        using var bob = await _host.SignInAsync("bob");
        using var made = await bob.PostAsJsonAsync(Routes.Tokens, new CreateToken("listener", ["read"], null));
        var token = (await made.Content.ReadFromJsonAsync<TokenCreated>())!;
        using var program = _host.CreateClient();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        using var stream = await OpenAsync(program);

        (await bob.DeleteAsync(new Uri($"{Routes.Tokens}/{token.Info.Id}", UriKind.Relative))).EnsureSuccessStatusCode();

        await EndsAsync(stream);
    }

    [Fact]
    public async Task Websocket_of_a_session_is_closed_when_the_session_is_revoked()
    {
        var session = await _host.StartSessionAsync("bob");
        using var socket = await ConnectAsync("bob", "SessionKey", "", session.SessionKey, "");

        await _host.CallCometAsync(
            "admin/account/session-revoke", [new("Username", "bob"), new("AuthType", "SessionKey"), new("SessionKey", session.SessionKey)]);

        Assert.Equal("Unauth", await CloseReasonAsync(socket));
    }

    [Fact]
    public async Task Websocket_is_closed_when_the_password_it_was_opened_with_is_changed_or_its_administrator_is_removed()
    {
        using var bob = await _host.SignInAsync("bob");
        using var before = await ConnectAsync("bob", "Password", ServerHost.Password, "", "");
        (await bob.PutAsJsonAsync(Routes.OwnPassword, new ChangePassword(ServerHost.Password, "another password")))
            .EnsureSuccessStatusCode();
        Assert.Equal("Unauth", await CloseReasonAsync(before));

        using var after = await ConnectAsync("bob", "Password", "another password", "", "");
        await _host.CallAsync("admin-user/delete", ("TargetUser", "bob"));
        Assert.Equal("Unauth", await CloseReasonAsync(after));
    }

    [Fact]
    public async Task Websocket_of_a_tenants_administrator_is_closed_when_the_tenant_is_suspended_and_none_is_opened_then()
    {
        var organization = await _host.AddOrganizationAsync("Acme");
        await _host.AddAdministratorAsync("anna", organization);
        using var open = await ConnectAsync("anna", "Password", ServerHost.Password, "", "");
        await _host.CallAsync(
            "organization/set", ("OrganizationID", organization), ("Organization", """{"Name":"Acme","IsSuspended":true}"""));

        Assert.Equal("Unauth", await CloseReasonAsync(open));
        using var late = await ConnectAsync("anna", "Password", ServerHost.Password, "", "", expected: "403 Unauth");
    }

    private static async Task<StreamReader> OpenAsync(HttpClient client)
    {
        var answer = await client.GetAsync(new Uri(Routes.EventStream, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    private Task EndsAsync(StreamReader stream) => EndsAsync(stream.ReadToEndAsync());

    private Task EndsAsync(Task<string> rest) => Eventually.HoldsAsync("the stream ends", Deadline, () =>
    {
        _time.Advance(EventStreams.LookAgain / 30);
        return rest.IsCompletedSuccessfully;
    });

    private async Task<ClientWebSocket> ConnectAsync(
        string username, string kind, string password, string key, string code, string expected = "200 OK")
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(_host.Http.BaseAddress!) { Scheme = "ws", Path = Routes.CometEventStream };
        await socket.ConnectAsync(address.Uri, CancellationToken.None);
        foreach (var frame in new[] { username, kind, password, key, code })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }

        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, received.Count));
        return socket;
    }

    private async Task<string?> CloseReasonAsync(ClientWebSocket socket)
    {
        var buffer = new byte[100_000];
        var reading = Task.Run(async () =>
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        });
        await Eventually.HoldsAsync("the stream is closed", Deadline, () =>
        {
            _time.Advance(EventStreams.LookAgain / 30);
            return reading.IsCompleted;
        });
        await reading;
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return socket.CloseStatusDescription;
    }
}
