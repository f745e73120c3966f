using Halley.Server.Hosting;

namespace Halley.Server.Live;

/// <summary>
/// There is one transport, so nothing has to be agreed on first; and an agreement would have to be kept by the same instance, which proxies in
/// front of several would have to know.
/// </summary>
internal static class LiveNegotiation
{
    private const string Suffix = "/negotiate";

    public static void Refuse(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } path } && path.EndsWith(Suffix, StringComparison.Ordinal))
        {
            endpoint.RequestDelegate = context => Problems.BadRequest(
                "negotiation_not_needed", "Connect with a websocket at once: set skipNegotiation, and the transport to WebSockets.").ExecuteAsync(context);
        }
    }
}
