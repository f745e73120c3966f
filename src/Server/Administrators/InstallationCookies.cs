using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Halley.Server.Administrators;

/// <summary>
/// Names cookies by installation. Browsers send a cookie to all ports of a host, so two servers on one host would otherwise sign each
/// other's administrators out. Over TLS the name begins with <c>__Host-</c>: browsers then accept the cookie from this host only.
/// </summary>
internal sealed class InstallationCookies(IKeyManager keys, IDataProtectionProvider protection) : ICookieManager
{
    private const int Digits = 8;
    private readonly ChunkingCookieManager _inner = new();
    private readonly Lazy<string> _installation = new(() => NameOf(keys, protection));

    /// <summary>The name of the cookie that protects forms, which the framework wants to know before any request.</summary>
    public string FormCookie => $"halley-form-{_installation.Value}";

    public string? GetRequestCookie(HttpContext context, string key) => _inner.GetRequestCookie(context, NameFor(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _inner.AppendResponseCookie(context, NameFor(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _inner.DeleteCookie(context, NameFor(context, key), options);

    private string NameFor(HttpContext context, string key) =>
        $"{(context.Request.IsHttps ? "__Host-" : "")}{key}-{_installation.Value}";

    // All instances of an installation share the keys, and the first key stays.
    private static string NameOf(IKeyManager keys, IDataProtectionProvider protection)
    {
        // Makes the first key if there is none yet.
        protection.CreateProtector(nameof(InstallationCookies)).Protect([]);
        return keys.GetAllKeys().MinBy(key => (key.CreationDate, key.KeyId))!.KeyId.ToString("N")[..Digits];
    }
}
