namespace Halley.Server.Hosting;

/// <summary>
/// Refuses encoded bodies, on every address. Kestrel takes any Transfer-Encoding that ends with <c>chunked</c>, but removes the chunks
/// only, so what is read would still be encoded (RFC 9112, 6.1).
/// </summary>
internal static class TransferCoding
{
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var codings = context.Request.Headers.TransferEncoding;
        if (codings.Count == 0 || string.Equals(codings.ToString(), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        UnreadBody.Close(context);
        return Problems.Problem(
            StatusCodes.Status501NotImplemented, "transfer_encoding_unknown",
            "Send the body unencoded, with a Content-Length or with Transfer-Encoding: chunked.").ExecuteAsync(context);
    }
}
