using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Halley.Storage;
using Halley.Testing;

namespace Halley.Server.Tests.StorageRole;

/// <summary>The restic REST protocol as clients depend on it: exact statuses and headers, looked at raw.</summary>
public sealed class VaultProtocolTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Version1 = "application/vnd.x.restic.rest.v1";
    private const string Version2 = "application/vnd.x.restic.rest.v2";

    [Fact]
    public async Task New_vault_answers_as_init_expects()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var config = TestBlob.Of(BlobType.Config, 155, seed: 1);

        Assert.Equal(404, await StatusAsync(host, HttpMethod.Head, "config"));
        Assert.Equal(200, await StatusAsync(host, HttpMethod.Post, "?create=true"));
        Assert.Equal(200, await StatusAsync(host, HttpMethod.Post, "?create=true"));
        Assert.Equal(400, await StatusAsync(host, HttpMethod.Post, ""));
        Assert.Equal("[]", await ListAsync(host, "keys/", Version2));
        Assert.Equal("[]", await ListAsync(host, "snapshots/", null));
        Assert.Equal(200, await PostAsync(host, config));
        Assert.Equal(200, await PostAsync(host, config));
        Assert.Equal(403, await PostAsync(host, TestBlob.Of(BlobType.Config, 155, seed: 2)));
    }

    [Fact]
    public async Task List_has_the_media_type_of_its_version_to_the_letter()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, 123, seed: 1);
        await PostAsync(host, blob);

        Assert.Equal($"[{{\"name\":\"{blob.Name.Id}\",\"size\":123}}]", await ListAsync(host, "data/", Version2));
        Assert.Equal($"[\"{blob.Name.Id}\"]", await ListAsync(host, "data/", Version1));
        Assert.Equal($"[\"{blob.Name.Id}\"]", await ListAsync(host, "data/", "*/*", expectedType: Version1));
    }

    [Fact]
    public async Task List_is_compressed_for_who_can_read_it_and_files_never_are()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blobs = Enumerable.Range(0, 500).Select(seed => TestBlob.Of(BlobType.Index, 10, seed)).ToList();
        foreach (var blob in blobs)
        {
            await PostAsync(host, blob);
        }

        using var list = await SendAsync(host, HttpMethod.Get, "index/", accept: Version2, gzip: true);
        using var file = await SendAsync(host, HttpMethod.Get, blobs[0].Name.ToString(), gzip: true);

        Assert.Equal("gzip", Assert.Single(list.Content.Headers.ContentEncoding));
        await using var plain = new GZipStream(await list.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(plain);
        Assert.Equal(
            blobs.Select(blob => blob.Name.Id).Order(StringComparer.Ordinal),
            json.RootElement.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Empty(file.Content.Headers.ContentEncoding);
        Assert.Equal(blobs[0].Content, await file.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=0-", 206, "bytes 0-999/1000", 0, 1000)]
    [InlineData("bytes=0-0", 206, "bytes 0-0/1000", 0, 1)]
    [InlineData("bytes=10-19", 206, "bytes 10-19/1000", 10, 10)]
    [InlineData("bytes=990-5000", 206, "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=-5", 206, "bytes 995-999/1000", 995, 5)]
    [InlineData("bytes=-5000", 206, "bytes 0-999/1000", 0, 1000)]
    [InlineData("bytes=1000-", 416, "bytes */1000", 0, -1)]
    [InlineData("bytes=-0", 416, "bytes */1000", 0, -1)]
    [InlineData("bytes=9-3", 200, null, 0, 1000)]
    [InlineData("bytes=0-1,5-6", 200, null, 0, 1000)]
    [InlineData("bytes=", 200, null, 0, 1000)]
    [InlineData("bytes=a-b", 200, null, 0, 1000)]
    [InlineData("bytes=99999999999999999999-", 200, null, 0, 1000)]
    [InlineData("items=0-1", 200, null, 0, 1000)]
    public async Task Range_is_answered_exactly(string range, int status, string? contentRange, int offset, int length)
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 5);
        await PostAsync(host, blob);
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Url(blob.Name.ToString()));
        request.Headers.TryAddWithoutValidation("Range", range);

        using var answer = await host.Vault.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
        if (length >= 0)
        {
            Assert.Equal(length, answer.Content.Headers.ContentLength);
            Assert.Equal(blob.Content[offset..(offset + length)], await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Range_of_another_version_is_answered_with_the_whole_file()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, 1000, seed: 8);
        await PostAsync(host, blob);

        foreach (var version in new[] { "\"abc\"", "Sat, 28 Nov 2026 00:00:00 GMT" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, host.Url(blob.Name.ToString()));
            request.Headers.TryAddWithoutValidation("Range", "bytes=10-19");
            request.Headers.TryAddWithoutValidation("If-Range", version);
            using var answer = await host.Vault.SendAsync(request);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(blob.Content, await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Empty_file_can_be_read_with_a_range()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, []);
        Assert.Equal(200, await PostAsync(host, blob));
        using var request = new HttpRequestMessage(HttpMethod.Get, host.Url(blob.Name.ToString()));
        request.Headers.Range = new RangeHeaderValue(0, null);

        using var answer = await host.Vault.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Head_tells_the_length_and_delete_can_be_repeated()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Snapshots, 321, seed: 6);
        await PostAsync(host, blob);
        var path = blob.Name.ToString();

        using var head = await SendAsync(host, HttpMethod.Head, path);

        Assert.Equal(321, head.Content.Headers.ContentLength);
        Assert.Equal("application/octet-stream", head.Content.Headers.ContentType?.ToString());
        Assert.Equal(200, await StatusAsync(host, HttpMethod.Delete, path));
        Assert.Equal(200, await StatusAsync(host, HttpMethod.Delete, path));
        Assert.Equal(404, await StatusAsync(host, HttpMethod.Get, path));
        Assert.Equal(404, await StatusAsync(host, HttpMethod.Head, path));
    }

    [Theory]
    [InlineData("PUT", "config", "GET, HEAD, POST, DELETE")]
    [InlineData("PATCH", "data/", "GET")]
    [InlineData("POST", "data/", "GET")]
    [InlineData("GET", "", "POST")]
    [InlineData("DELETE", "", "POST")]
    public async Task Method_that_is_not_part_of_the_protocol_names_those_that_are(string method, string path, string allowed)
    {
        await using var host = await BucketHost.OnAsync(shared);

        using var answer = await SendAsync(host, new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
    }

    [Fact]
    public async Task Files_copied_in_by_hand_are_there_at_once()
    {
        await using var host = await BucketHost.OnAsync(shared);
        var blob = TestBlob.Of(BlobType.Data, 50, seed: 7);
        var folder = Path.Combine(host.BucketFolder, "data", blob.Name.Id[..2]);
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, blob.Name.Id), blob.Content);
        await File.WriteAllTextAsync(Path.Combine(folder, "." + blob.Name.Id + ".Xy3"), "a copy that rsync has not finished");

        Assert.Equal(blob.Content, await host.Vault.GetByteArrayAsync(host.Url(blob.Name.ToString())));
        Assert.Equal($"[\"{blob.Name.Id}\"]", await ListAsync(host, "data/", Version1));
    }

    private static async Task<int> PostAsync(BucketHost host, TestBlob blob)
    {
        using var answer = await host.Vault.PostAsync(host.Url(blob.Name.ToString()), new ByteArrayContent(blob.Content));
        return (int)answer.StatusCode;
    }

    private static async Task<int> StatusAsync(BucketHost host, HttpMethod method, string path)
    {
        using var answer = await SendAsync(host, method, path);
        return (int)answer.StatusCode;
    }

    private static async Task<string> ListAsync(BucketHost host, string path, string? accept, string? expectedType = null)
    {
        using var answer = await SendAsync(host, HttpMethod.Get, path, accept);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expectedType ?? accept ?? Version1, Assert.Single(answer.Content.Headers.GetValues("Content-Type")));
        return Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync());
    }

    private static Task<HttpResponseMessage> SendAsync(
        BucketHost host, HttpMethod method, string path, string? accept = null, bool gzip = false)
    {
        var request = new HttpRequestMessage(method, host.Url(path));
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (gzip)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }

        return host.Vault.SendAsync(request);
    }
}
