using Halley.Server.Hosting;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Halley.Server.Administrators;

/// <summary>
/// Names cookies by installation. Browsers send a cookie to all ports of a host, so two servers on one host would otherwise sign each
/// other's administrators out. Over TLS the name begins with <c>__Host-</c>: browsers then accept the cookie from this host only.
/// </summary>
internal sealed class InstallationCookies(InstallationId installation) : ICookieManager
{
    private const int Digits = 8;
    private readonly ChunkingCookieManager _inner = new();

    private string Installation => installation.Value.ToString("N")[..Digits];

    public string? GetRequestCookie(HttpContext context, string key) => _inner.GetRequestCookie(context, NameFor(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _inner.AppendResponseCookie(context, NameFor(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _inner.DeleteCookie(context, NameFor(context, key), options);

    /// <summary>The name of a cookie in answers to this request.</summary>
    public string NameFor(HttpContext context, string key) =>
        $"{(context.Request.IsHttps ? "__Host-" : "")}{key}-{Installation}";
}
