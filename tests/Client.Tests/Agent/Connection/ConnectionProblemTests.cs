using System.Net;
using System.Net.Sockets;
using Halley.Client.Agent.Connection;

namespace Halley.Client.Tests.Agent.Connection;

/// <summary>Mistakes in the address of a server or a proxy, made against real sockets.</summary>
public sealed class ConnectionProblemTests : IDisposable
{
    private readonly TcpListener _peer = new(IPAddress.Loopback, 0);
    private byte[] _answer = [];

    private int Port => ((IPEndPoint)_peer.LocalEndpoint).Port;

    public ConnectionProblemTests()
    {
        _peer.Start();
        _ = AnswerAsync();
    }

    public void Dispose() => _peer.Dispose();

    [Fact]
    public async Task Address_with_https_of_a_server_without_TLS_says_so()
    {
        _answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

        Assert.Contains("does not speak TLS, but its address begins with https://", await ProblemAsync("https"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_with_http_of_a_server_with_TLS_says_so()
    {
        _answer = [0x15, 3, 1, 0, 2, 2, 70]; // the alert of a server that expected a handshake

        Assert.Contains("If the server speaks TLS, its address begins with https://", await ProblemAsync("http"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", "https", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "name and password")]
    [InlineData("https", "https", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "If it is the proxy, write http:// before")]
    [InlineData("socks5", "http", "HTTP/1.1 400 Bad Request\r\n\r\n", "The proxy socks5://127.0.0.1")]
    public async Task Proxy_of_another_kind_or_with_a_password_is_named(string proxy, string scheme, string answer, string part)
    {
        _answer = System.Text.Encoding.ASCII.GetBytes(answer);

        Assert.Contains(part, await ProblemAsync(scheme, $"{proxy}://127.0.0.1:{Port}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_is_off_is_named()
    {
        _peer.Stop();

        Assert.Contains("cannot be reached", await ProblemAsync("http"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://proxy")]
    [InlineData("proxy:8080")]
    [InlineData("socks5://")]
    public void Setting_that_is_no_proxy_is_refused(string setting) => Assert.Throws<FormatException>(() => ProxyChoice.Of(setting));

    [Fact]
    public void Password_of_a_proxy_does_not_stay_in_its_address()
    {
        var proxy = ProxyChoice.Of("http://anna:se%20cret@proxy.example.com:3128")!;

        Assert.Equal(new Uri("http://proxy.example.com:3128/"), proxy.GetProxy(new Uri("https://backup.example.com")));
        var credential = proxy.Credentials!.GetCredential(new Uri("http://proxy.example.com:3128"), "Basic")!;
        Assert.Equal(("anna", "se cret"), (credential.UserName, credential.Password));
        Assert.Null(ProxyChoice.Of("none"));
    }

    [Fact]
    public void Waits_grow_and_differ()
    {
        var backOff = new BackOff(new Random(7));
        var waits = Enumerable.Range(0, 12).Select(_ => backOff.Next().TotalSeconds).ToList();

        Assert.InRange(waits[0], 1, 1.5);
        Assert.All(waits, wait => Assert.InRange(wait, 1, 180));
        Assert.True(waits[^1] >= 120 && waits[^1] != waits[^2]);
        backOff.Reset();
        Assert.InRange(backOff.Next().TotalSeconds, 1, 1.5);
    }

    private async Task<string> ProblemAsync(string scheme, string? proxy = null)
    {
        var server = new Uri($"{scheme}://127.0.0.1:{Port}/");
        var chosen = proxy is null ? null : ProxyChoice.Of(proxy);
        using var http = new HttpClient(new SocketsHttpHandler { Proxy = chosen, UseProxy = chosen is not null });
        var error = await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(server));
        return ConnectionProblem.Describe(error, server, chosen);
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _peer.AcceptTcpClientAsync();
                var stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
                await stream.WriteAsync(_answer);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
