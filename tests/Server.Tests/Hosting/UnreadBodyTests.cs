using System.Net.Sockets;
using System.Text;
using Halley.Server.Tests.StorageRole;
using Halley.Testing;

namespace Halley.Server.Tests.Hosting;

/// <summary>
/// What becomes of a request's body that the server does not read, seen on the socket. The refusal must arrive, and nothing that was sent
/// as a body may become a request or the other way round.
/// </summary>
public sealed class UnreadBodyTests(SharedServers servers) : IClassFixture<SharedServers>
{
    private const int Megabyte = 1000 * 1000;
    private const string Gzip = "Transfer-Encoding: gzip, chunked";
    private static readonly string Zeros = new('0', 64);

    public static TheoryData<string, int, int> Refusals => new()
    {
        { "POST /vault/nobody/data/{zeros}", 401, 5 },
        { "POST /vault/{bucket}/nowhere", 404, 5 },
        { "PUT /vault/{bucket}/data/{zeros}", 405, 5 },
        { "POST /api/v2/accounts", 401, 5 },
        { "POST /api/v2/sessions", 413, 5 },
        { "PUT /api/v2/user/profile", 401, 5 },
        { "POST /api/v1/admin/account/properties", 200, 17 },
        { "POST /api/v1/no-such-call", 200, 5 },
        { "POST /live", 401, 5 },
        { "POST /live/lobby/negotiate", 400, 5 },
        { "POST /nowhere", 405, 5 },
        { "GET /healthz", 200, 5 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Response_to_a_large_body_that_is_not_read_arrives_and_closes_the_connection(
        string line, int status, int megabytes)
    {
        await using var host = await BucketHost.OnAsync(servers);
        var body = '"' + new string('x', megabytes * Megabyte);

        var announced = await ExchangeAsync(host, line, "Content-Type: application/json", $"Content-Length: {body.Length}", body);
        var chunked = await ExchangeAsync(
            host, line, "Content-Type: application/json", "Transfer-Encoding: chunked", $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");

        foreach (var response in new[] { announced, chunked })
        {
            Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
            Assert.Contains("\r\nConnection: close\r\n", response, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("POST /vault/nobody/data/{zeros}", 401)]
    [InlineData("POST /vault/{bucket}/nowhere", 404)]
    [InlineData("POST /api/v2/nowhere", 405)]
    [InlineData("POST /live", 401)]
    public async Task Refusal_of_a_body_that_was_not_begun_closes_the_connection(string line, int status)
    {
        await using var host = await BucketHost.OnAsync(servers);

        var response = await ExchangeAsync(host, line, "Expect: 100-continue", "Content-Length: 5000", "");

        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_that_was_read_keeps_the_connection()
    {
        await using var host = await BucketHost.OnAsync(servers);
        var blob = TestBlob.Of(Halley.Storage.BlobType.Data, Encoding.ASCII.GetBytes("content"));

        var response = await ExchangeAsync(host, $"POST /vault/{{bucket}}/{blob.Name}", "Accept: */*", "Content-Length: 7", "content");

        Assert.StartsWith("HTTP/1.1 200 ", response, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /vault/{bucket}/data/{zeros}")]
    [InlineData("POST /api/v2/sessions")]
    [InlineData("POST /api/v1/admin/account/properties")]
    public async Task Encoded_body_is_501_everywhere(string line)
    {
        await using var host = await BucketHost.OnAsync(servers);

        var response = await ExchangeAsync(host, line, "Accept: */*", Gzip, "3\r\nabc\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 501 ", response, StringComparison.Ordinal);
        Assert.Contains("transfer_encoding_unknown", response, StringComparison.Ordinal);
    }

    /// <summary>Sends everything before it reads anything, as simple clients do, and returns the start of the response.</summary>
    private static async Task<string> ExchangeAsync(BucketHost host, string line, string header, string framing, string body)
    {
        var target = line.Replace("{bucket}", host.Id, StringComparison.Ordinal).Replace("{zeros}", Zeros, StringComparison.Ordinal);
        var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{host.Id}:{host.Secret}"));
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Server.Http.BaseAddress!.Host, host.Server.Http.BaseAddress.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"{target} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credential}\r\n{header}\r\n{framing}\r\n\r\n{body}"));
        var buffer = new byte[64 * 1024];
        var filled = 0;
        for (int read; !HasHead(buffer.AsSpan(0, filled)); filled += read)
        {
            read = await stream.ReadAsync(buffer.AsMemory(filled));
            Assert.True(read > 0, $"The connection ended after {filled} bytes of the response.");
        }

        return Encoding.UTF8.GetString(buffer, 0, filled);
    }

    private static bool HasHead(ReadOnlySpan<byte> response) => response.IndexOf("\r\n\r\n"u8) >= 0;
}
