using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>
/// GET of a collection: a JSON array that is sent while the disks are read, so that the first byte is sent at once and memory stays flat.
/// If a disk fails midway, the connection is cut, because a prune would act on an incomplete list.
/// </summary>
internal static class VaultListing
{
    private const string Version1 = "application/vnd.x.restic.rest.v1";
    private const string Version2 = "application/vnd.x.restic.rest.v2";
    private const int FlushSize = 32 * 1024;

    /// <summary>Upper bound of one entry: name, a length of 19 digits, and punctuation.</summary>
    private const int EntrySize = BlobName.IdLength + 48;

    public static async Task RunAsync(HttpContext context, IBlobStore store, BlobType type)
    {
        await using var entries = store.ListAsync(type, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        var any = await entries.MoveNextAsync(); // an offline volume is found here, before the status is sent

        var withSizes = context.Request.Headers.Accept == Version2;
        context.Response.Headers.ContentType = withSizes ? Version2 : Version1; // clients compare it literally, so no charset
        if (!AcceptsGzip(context.Request))
        {
            await WriteAsync(context.Response.BodyWriter, entries, any, withSizes, context.RequestAborted);
            return;
        }

        context.Response.Headers.ContentEncoding = "gzip";
        context.Response.Headers.Vary = "Accept-Encoding";
        await using var compressed = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        var writer = PipeWriter.Create(compressed, new StreamPipeWriterOptions(leaveOpen: true, minimumBufferSize: FlushSize));
        await WriteAsync(writer, entries, any, withSizes, context.RequestAborted);
        await writer.CompleteAsync();
    }

    private static async Task WriteAsync(
        PipeWriter output, IAsyncEnumerator<BlobEntry> entries, bool any, bool withSizes, CancellationToken cancellationToken)
    {
        output.Write("["u8);
        var first = true;
        for (var more = any; more; more = await entries.MoveNextAsync())
        {
            WriteEntry(output, entries.Current, first, withSizes);
            first = false;
            if (output.UnflushedBytes >= FlushSize)
            {
                await output.FlushAsync(cancellationToken);
            }
        }

        output.Write("]"u8);
        await output.FlushAsync(cancellationToken);
    }

    private static void WriteEntry(PipeWriter output, BlobEntry entry, bool first, bool withSizes)
    {
        var span = output.GetSpan(EntrySize);
        var length = Append(span, 0, first ? ""u8 : ","u8);
        length = Append(span, length, withSizes ? "{\"name\":\""u8 : "\""u8);
        length += Encoding.ASCII.GetBytes(entry.Id, span[length..]);
        length = Append(span, length, "\""u8);
        if (withSizes)
        {
            length = Append(span, length, ",\"size\":"u8);
            Utf8Formatter.TryFormat(entry.Length, span[length..], out var digits);
            length = Append(span, length + digits, "}"u8);
        }

        output.Advance(length);
    }

    private static int Append(Span<byte> target, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        return at + text.Length;
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value == "gzip" && encoding.Quality is null or > 0);
}
