using Halley.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Halley.Server.Hosting;

/// <summary>
/// Most bytes of a request's body, as metadata of an endpoint that takes more than <see cref="Ordinary"/>. The limit of Kestrel is off,
/// because after exceeding it Kestrel closes the connection over unread data: the client then sees a reset instead of the refusal. Below
/// its own limit, Kestrel first sends the response and then discards the rest of the body for some seconds.
/// </summary>
internal sealed record BodyLimit(long Bytes)
{
    /// <summary>Enough for every request without backup files, profiles or resources.</summary>
    public const long Ordinary = 4 * 1024 * 1024;

    /// <summary>Reading a body beyond the limit of the request's endpoint fails with status 413.</summary>
    public static Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<BodyLimit>()?.Bytes ?? Ordinary;
        var announced = context.Request.ContentLength;
        if (announced is null ? context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true : announced > limit)
        {
            context.Request.Body = new LimitedBody(context.Request.Body, announced, limit);
        }

        return next(context);
    }
}

/// <summary>A body that fails with status 413 when it exceeds a limit; if its announced length does, before the first byte.</summary>
internal sealed class LimitedBody(Stream inner, long? announced, long limit) : ForwardOnlyStream
{
    private long _bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Check(announced ?? 0);
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Check(_bytes += read);
        return read;
    }

    private void Check(long bytes)
    {
        if (bytes > limit)
        {
            throw new BadHttpRequestException($"The body has more than {limit} bytes.", StatusCodes.Status413PayloadTooLarge);
        }
    }
}
