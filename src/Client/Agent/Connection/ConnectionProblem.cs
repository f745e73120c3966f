using System.Net;
using System.Security.Authentication;

namespace Halley.Client.Agent.Connection;

/// <summary>Why a server cannot be reached, for people.</summary>
public static class ConnectionProblem
{
    /// <summary>A sentence about what happened and what to do.</summary>
    /// <param name="error">What the connection threw.</param>
    /// <param name="server">The server.</param>
    /// <param name="proxy">The proxy for it; null for none.</param>
    public static string Describe(Exception error, Uri server, IWebProxy? proxy)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(server);
        var chain = new List<Exception>();
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            chain.Add(inner);
        }

        var via = proxy is not null && !proxy.IsBypassed(server) ? proxy.GetProxy(server) : null;
        var last = chain[^1].Message;
        return chain.OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError => $"The proxy {NameOf(via)} does not connect to {server.Authority}: {Sentence(last)} "
                + "Check the proxy's address, kind, name and password.",
            HttpRequestError.SecureConnectionError when chain.OfType<AuthenticationException>().Any(IsCertificate) =>
                $"The certificate of {server.Authority} is not valid: {Sentence(last)}",
            HttpRequestError.SecureConnectionError when via is { Scheme: "https" } =>
                $"{server.Authority} or the proxy {NameOf(via)} does not speak TLS. If it is the proxy, write http:// before its address.",
            HttpRequestError.SecureConnectionError =>
                $"{server.Authority} does not speak TLS, but its address begins with https://. Check the port; a server without TLS, "
                + "which only belongs in a network you trust, has an address with http://.",
            HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded when server.Scheme == "http" =>
                $"{server.Authority} does not answer in HTTP. If the server speaks TLS, its address begins with https://.",
            HttpRequestError.NameResolutionError => $"The name {via?.Host ?? server.Host} is unknown: {Sentence(last)}",
            _ when via is not null => $"{server.Authority} cannot be reached through the proxy {NameOf(via)}: {Sentence(last)}",
            _ => $"{server.Authority} cannot be reached: {Sentence(last)}",
        };
    }

    // Anything else that fails in the handshake is a peer that does not speak TLS.
    private static bool IsCertificate(AuthenticationException error) =>
        error.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase);

    private static string NameOf(Uri? proxy) => proxy is null ? "" : $"{proxy.Scheme}://{proxy.Authority}";

    private static string Sentence(string message) => message.Length > 0 && message[^1] == '.' ? message : $"{message}.";
}
