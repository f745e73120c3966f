using System.Net;

namespace Halley.Server.Hosting;

/// <summary>
/// Tells the operator about a proxy that <c>Halley:TrustedProxies</c> does not name. Its headers are ignored, because anybody could send
/// them; so all its users count as one address, and one of them can lock out the others. Requests are not refused: a proxy on the client's
/// side sends the same headers, and its operator is another.
/// </summary>
internal sealed partial class ForwardingNotice(HalleyOptions options, TimeProvider time, ILogger<ForwardingNotice> logger)
{
    private const string Header = "X-Forwarded-For";

    /// <summary>The framework moves the header there when it has used it.</summary>
    private const string Used = "X-Original-For";

    private readonly Allowances<IPAddress> _notices = new(1, TimeSpan.FromHours(1), time);

    /// <summary>Goes after the framework has read the headers of trusted proxies.</summary>
    public Task LookAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.ContainsKey(Header) && !headers.ContainsKey(Used)
            && context.Connection.RemoteIpAddress is { } peer && !options.TrustsProxy(peer)
            && _notices.TryTake(Neighbourhood.Of(peer), 1))
        {
            LogUntrusted(peer);
        }

        return next(context);
    }

    [LoggerMessage(LogEvents.ForwardedHeadersIgnored, LogLevel.Warning,
        "{Peer} sent X-Forwarded-For, which is ignored because Halley:TrustedProxies does not name it; if it is your proxy, add it, or all "
        + "its users count as one address")]
    private partial void LogUntrusted(IPAddress peer);
}
