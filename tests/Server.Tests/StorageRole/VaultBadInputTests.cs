using System.Net;
using System.Net.Sockets;
using System.Text;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>Whatever a client sends: a clear refusal, nothing touched, no 500, and no path of the server's disk.</summary>
public sealed class VaultBadInputTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly string Id = new('a', 64);

    public static TheoryData<string> BadPaths =>
    [
        "data", "data/abc", $"data/{Id}0", $"data/{Id[..63]}", $"data/{Id.ToUpperInvariant()}", $"data/{Id}/", $"data/aa/{Id}",
        "config/", "Config", "data//", "//", "tmp/", $"tmp/{Id}", "data/%2e%2e%2fconfig", "..%2f..%2fhalley-volume.json",
        "data/..%2f..%2f..%2fhalley-volume.json", "..%5c..%5cx", $"data%2f{Id}", "data/\u00e9", $"data/{Id[..63]}%20", "keys%00/",
    ];

    [Theory]
    [MemberData(nameof(BadPaths))]
    public async Task Path_outside_the_protocol_is_refused_and_touches_nothing(string path)
    {
        await using var host = await BucketHost.OnAsync(shared);
        var before = Snapshot(host);

        foreach (var method in new[] { "GET", "HEAD", "POST", "DELETE" })
        {
            var status = await RawAsync(host, $"{method} /vault/{host.Id}/{path} HTTP/1.1", "body");

            Assert.True(status is 400 or 404, $"{method} {path}: {status}");
        }

        Assert.Equal(before, Snapshot(host));
    }

    [Theory]
    [InlineData("/vault/{id}/../{id}x/config", 401)] // the platform resolves dots first: another bucket, for which the key is wrong
    [InlineData("/vault/{id}/./config", 404)]
    [InlineData("/vault/%2e%2e/config", 404)]
    [InlineData("/vault/.incoming/config", 401)]
    [InlineData("/vault//config", 401)]
    public async Task Bucket_outside_the_protocol_is_refused(string path, int expected)
    {
        await using var host = await BucketHost.OnAsync(shared);

        Assert.Equal(expected, await RawAsync(host, $"GET {path.Replace("{id}", host.Id, StringComparison.Ordinal)} HTTP/1.1", ""));
    }

    [Fact]
    public async Task Body_of_another_hash_is_400_and_nothing_is_left()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var before = Snapshot(host);

        using var answer = await host.Vault.PostAsync(host.Url($"data/{Id}"), new ByteArrayContent([1, 2, 3]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("hash_mismatch", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(host));
    }

    [Fact]
    public async Task Body_that_is_cut_leaves_nothing_and_hinders_nobody()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, 300_000, seed: 1);
        var before = Snapshot(host);

        await CutUploadAsync(host, blob);

        await Eventually.HoldsAsync("the unfinished upload is gone", TimeSpan.FromSeconds(10), () => Snapshot(host).SequenceEqual(before));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Vault.GetAsync(host.Url(blob.Name.ToString()))).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK, (await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content))).StatusCode);
    }

    [Fact]
    public async Task Body_over_the_limit_is_413_with_and_without_announcement()
    {
        var options = new ServerHostOptions { Kestrel = true, Settings = { ["Halley:Storage:MaxFileBytes"] = "1048576" } };
        await using var host = await BucketHost.StartAsync(options);
        var largest = TestBlob.Of(BlobType.Data, 1 << 20, seed: 2);
        var tooLarge = TestBlob.Of(BlobType.Data, (1 << 20) + 1, seed: 3);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, host.Url(tooLarge.Name.ToString()))
        {
            Content = new StreamContent(new BodyStream(tooLarge.Content, 10_000)),
            Headers = { TransferEncodingChunked = true },
        };

        Assert.Equal(HttpStatusCode.OK,
            (await host.Vault.PostAsync(host.Url(largest.Name.ToString()), new ByteArrayContent(largest.Content))).StatusCode);
        Assert.Equal(
            413, await RawAsync(host, $"POST {host.Url(tooLarge.Name.ToString())} HTTP/1.1", "x", announced: tooLarge.Content.Length));
        using var refused = await host.Vault.SendAsync(chunked);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Contains("\"too_large\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(host.FirstVolume, ".incoming")));
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic YWJj")]
    [InlineData("Bearer abc")]
    [InlineData("Basic /////////////////////w==")]
    public async Task Credential_that_cannot_be_read_is_401(string header)
    {
        await using var host = await BucketHost.OnAsync(shared);
        using var client = host.Client(null);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(host.Url("config"))).StatusCode);
    }

    [Fact]
    public async Task Credential_that_is_huge_is_401()
    {
        await using var host = await BucketHost.OnAsync(shared);
        using var client = host.Client(new string('x', 8000));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(host.Url("config"))).StatusCode);
    }

    private static List<string> Snapshot(BucketHost host) =>
        [.. Directory.EnumerateFileSystemEntries(host.FirstVolume, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static async Task CutUploadAsync(BucketHost host, TestBlob blob)
    {
        using var socket = await ConnectAsync(host);
        await using var stream = socket.GetStream();
        var head = $"POST {host.Url(blob.Name.ToString())} HTTP/1.1\r\n{Headers(host)}Content-Length: {blob.Content.Length}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(blob.Content.AsMemory(0, 200_000));
        await stream.FlushAsync();
    }

    /// <summary>Sends a request as it is written here, without the tidying of an HTTP client, and returns the status.</summary>
    private static async Task<int> RawAsync(BucketHost host, string line, string body, long? announced = null)
    {
        using var socket = await ConnectAsync(host);
        await using var stream = socket.GetStream();
        var request = $"{line}\r\n{Headers(host)}Content-Length: {announced ?? body.Length}\r\n\r\n{body}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync() ?? throw new IOException("The server closed the connection without an answer.");
        var rest = announced is null ? await reader.ReadToEndAsync() : "";
        Assert.DoesNotContain(host.Server.DataDirectory, rest, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", rest, StringComparison.Ordinal);
        return int.Parse(status.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<TcpClient> ConnectAsync(BucketHost host)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(host.Vault.BaseAddress!.Host, host.Vault.BaseAddress.Port);
        return socket;
    }

    private static string Headers(BucketHost host)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{host.Id}:{host.Secret}"));
        return $"Host: {host.Vault.BaseAddress!.Authority}\r\nConnection: close\r\nAuthorization: Basic {credentials}\r\n";
    }
}
