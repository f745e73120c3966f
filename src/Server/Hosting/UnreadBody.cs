namespace Halley.Server.Hosting;

/// <summary>
/// A response that is sent before the request's body was read to its end closes the connection (HTTP/1.1). The sender may stop in the
/// middle of the body, or may never have begun (<c>Expect: 100-continue</c>), and then its next request would be read as the rest of the
/// body. If the sender is a proxy, that request is another client's.
/// </summary>
internal static class UnreadBody
{
    /// <summary>Closes the connection with the response, if the request has a body.</summary>
    public static void Close(HttpContext context)
    {
        if (IsAnnounced(context.Request))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    /// <summary>Keeps the connection after all, because the body was read to its end.</summary>
    public static void Keep(HttpContext context) => context.Response.Headers.Connection = default;

    /// <summary>Closes the connection unless <paramref name="body"/>, from which the program reads, is at its end by then.</summary>
    public static void CloseUnlessRead(HttpContext context, CountingStream body)
    {
        if (IsAnnounced(context.Request))
        {
            context.Response.OnStarting(() =>
            {
                if (!body.IsAtEnd && body.Bytes != context.Request.ContentLength)
                {
                    Close(context);
                }

                return Task.CompletedTask;
            });
        }
    }

    private static bool IsAnnounced(HttpRequest request) =>
        (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0) && HttpProtocol.IsHttp11(request.Protocol);
}
