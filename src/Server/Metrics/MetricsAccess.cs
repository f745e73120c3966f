using System.Net;
using System.Security.Cryptography;
using System.Text;
using Halley.Server.Hosting;

namespace Halley.Server.Metrics;

/// <summary>
/// Lets a program on this machine read the metrics without a credential, and any other with the token. A request that came through a proxy
/// on this machine is not from this machine.
/// </summary>
internal sealed class MetricsAccess(MetricsOptions options)
{
    private const string Scheme = "Bearer ";

    // The second is left by the middleware that believes trusted proxies.
    private static readonly string[] OfProxies = ["X-Forwarded-For", "X-Original-For", "Forwarded", "Via", "X-Real-IP"];

    private readonly byte[]? _token = options.ReadToken() is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (IsLocal(context) || HasToken(context.Request))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Unauthorized(
            "metrics_token_missing",
            "Only this machine may read the metrics without a token. Send the one of Halley:Metrics:Token as Bearer.")
            .ExecuteAsync(context);
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !OfProxies.Any(context.Request.Headers.ContainsKey);

    private bool HasToken(HttpRequest request) =>
        _token is not null && request.Headers.Authorization.ToString() is var given && given.StartsWith(Scheme, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(_token, SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..].Trim())));
}
