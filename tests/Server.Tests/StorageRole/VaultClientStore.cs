using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Halley.Storage;

namespace Halley.Server.Tests.StorageRole;

/// <summary>A bucket as a store, over HTTP alone: what lets the conformance suite judge the server's answers.</summary>
internal sealed class VaultClientStore(HttpClient client, string root) : IBlobStore
{
    public async ValueTask<long?> FindAsync(BlobName name, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, root + name);
        using var answer = await client.SendAsync(request, cancellationToken);
        return IsThere(answer) ? answer.Content.Headers.ContentLength : null;
    }

    public async ValueTask<BlobReader?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(root + name, cancellationToken);
        return IsThere(answer) ? new Reader(client, root + name, await answer.Content.ReadAsByteArrayAsync(cancellationToken)) : null;
    }

    public async ValueTask<PutResult> PutAsync(BlobName name, Stream content, long? length, CancellationToken cancellationToken)
    {
        var counted = new CountingBody(content);
        using var body = new StreamContent(counted, 64 * 1024);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.ContentLength = length;
        using var request = new HttpRequestMessage(HttpMethod.Post, root + name) { Content = body };
        request.Headers.TransferEncodingChunked = length is null ? true : null;
        try
        {
            using var answer = await client.SendAsync(request, cancellationToken);
            return new PutResult(await OutcomeOfAsync(answer), counted.Count);
        }
        catch (HttpRequestException error) when (error.InnerException is IOException broken && counted.IsBroken)
        {
            throw broken;
        }
        catch (HttpRequestException) when (counted.Count != length)
        {
            return new PutResult(PutOutcome.LengthMismatch, counted.Count); // the platform's client refuses to send more or less
        }
    }

    public async ValueTask<long?> DeleteAsync(BlobName name, CancellationToken cancellationToken)
    {
        var length = await FindAsync(name, cancellationToken);
        using var answer = await client.DeleteAsync(root + name, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // also when it was not there
        return length;
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(BlobType type, CancellationToken cancellationToken) => type == BlobType.Config
        ? throw new ArgumentException("config is one file, not a collection.", nameof(type))
        : ReadListAsync(type, cancellationToken);

    private async IAsyncEnumerable<BlobEntry> ReadListAsync(BlobType type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{root}{BlobName.NameOf(type)}/");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.x.restic.rest.v2");
        using var answer = await client.SendAsync(request, cancellationToken);
        Assert.True(IsThere(answer));
        using var list = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        foreach (var entry in list.RootElement.EnumerateArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new BlobEntry(entry.GetProperty("name").GetString()!, entry.GetProperty("size").GetInt64());
        }
    }

    private static bool IsThere(HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.OK => true,
        HttpStatusCode.NotFound => false,
        HttpStatusCode.ServiceUnavailable => throw new BlobStoreException(BlobStoreFault.Offline, answer.ToString()),
        HttpStatusCode.InternalServerError => throw new BlobStoreException(BlobStoreFault.DiskError, answer.ToString()),
        _ => throw new InvalidOperationException(answer.ToString()),
    };

    private static async Task<PutOutcome> OutcomeOfAsync(HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.OK => PutOutcome.Stored,
        HttpStatusCode.Forbidden => PutOutcome.Conflict,
        HttpStatusCode.InsufficientStorage => PutOutcome.NoSpace,
        HttpStatusCode.BadRequest => (await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())).RootElement
            .GetProperty("code").GetString() == "hash_mismatch" ? PutOutcome.HashMismatch : PutOutcome.LengthMismatch,
        HttpStatusCode.ServiceUnavailable => throw new BlobStoreException(BlobStoreFault.Offline, answer.ToString()),
        _ => throw new InvalidOperationException(answer.ToString()),
    };

    /// <summary>Asks for each range, and falls back on the content as it was opened once the file has been deleted.</summary>
    private sealed class Reader(HttpClient client, string url, byte[] content) : BlobReader
    {
        public override long Length => content.Length;

        public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var expected = content.AsMemory((int)Math.Min(offset, content.Length));
            expected = expected[..Math.Min(expected.Length, buffer.Length)];
            if (buffer.Length > 0)
            {
                await CompareAsync(offset, offset + buffer.Length - 1, expected, cancellationToken);
            }

            expected.CopyTo(buffer);
            return expected.Length;
        }

        protected override void Dispose(bool disposing)
        {
        }

        private async Task CompareAsync(long first, long last, ReadOnlyMemory<byte> expected, CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Range = new RangeHeaderValue(first, last);
            using var answer = await client.SendAsync(request, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.NotFound)
            {
                return;
            }

            var outside = content.Length > 0 && first >= content.Length;
            Assert.Equal(
                outside ? HttpStatusCode.RequestedRangeNotSatisfiable : content.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent,
                answer.StatusCode);
            if (!outside)
            {
                Assert.Equal(expected.Length, answer.Content.Headers.ContentLength);
                Assert.Equal(expected.ToArray(), await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            }
        }
    }

    /// <summary>Counts what was read of a body, and notices when its source fails.</summary>
    private sealed class CountingBody(Stream inner) : Stream
    {
        public long Count { get; private set; }

        public bool IsBroken { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                Count += read;
                return read;
            }
            catch (IOException)
            {
                IsBroken = true;
                throw;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
