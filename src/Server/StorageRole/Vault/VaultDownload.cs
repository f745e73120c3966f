using Halley.Server.StorageRole.BandwidthLimits;
using Halley.Storage;

namespace Halley.Server.StorageRole.Vault;

/// <summary>GET and HEAD of a file.</summary>
internal static class VaultDownload
{
    /// <summary>Bytes that are read from disk and written to the socket at once.</summary>
    private const int BlockSize = 64 * 1024;

    public static Task RunAsync(HttpContext context, IBlobStore store, BlobName name, Throttle? throttle) =>
        HttpMethods.IsHead(context.Request.Method) ? HeadAsync(context, store, name) : GetAsync(context, store, name, throttle);

    private static async Task HeadAsync(HttpContext context, IBlobStore store, BlobName name)
    {
        if (await store.FindAsync(name, context.RequestAborted) is { } length)
        {
            Describe(context.Response, length);
            return;
        }

        await VaultAnswers.NotFoundAsync(context);
    }

    private static async Task GetAsync(HttpContext context, IBlobStore store, BlobName name, Throttle? throttle)
    {
        using var reader = await store.OpenAsync(name, context.RequestAborted);
        if (reader is null)
        {
            await VaultAnswers.NotFoundAsync(context);
            return;
        }

        // No version of a file is ever named in a response, so none that If-Range names can be the present one (RFC 9110, 13.1.5).
        var wanted = context.Request.Headers.IfRange.Count > 0 ? "" : context.Request.Headers.Range.ToString();
        var range = ByteRange.Of(wanted, reader.Length);
        if (range.IsUnsatisfiable)
        {
            context.Response.Headers.ContentRange = $"bytes */{reader.Length}";
            await VaultAnswers.RefuseAsync(context, 416, "range_unsatisfiable", "The range begins after the end of the file.");
            return;
        }

        Describe(context.Response, range.Length);
        if (range.IsPartial)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{reader.Length}";
        }

        await CopyAsync(context, reader, range, throttle);
    }

    private static void Describe(HttpResponse response, long length)
    {
        response.ContentLength = length;
        response.ContentType = "application/octet-stream";
        response.Headers.AcceptRanges = "bytes";
    }

    private static async Task CopyAsync(HttpContext context, BlobReader reader, ByteRange range, Throttle? throttle)
    {
        var body = context.Response.BodyWriter;
        var (offset, left) = (range.Start, range.Length);
        while (left > 0)
        {
            var wanted = (int)Math.Min(BlockSize, left);
            if (throttle is not null)
            {
                wanted = throttle.Slice(wanted);
                await throttle.PassAsync(wanted, context.RequestAborted); // before memory is allocated
            }

            var read = await reader.ReadAsync(offset, body.GetMemory(wanted)[..wanted], context.RequestAborted);
            if (read == 0)
            {
                throw new BlobStoreException(BlobStoreFault.DiskError, "The file became shorter while it was being read.");
            }

            body.Advance(read);
            offset += read;
            left -= read;
            if ((await body.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return; // the client has gone
            }
        }
    }
}
