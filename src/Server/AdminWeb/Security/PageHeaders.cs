using Halley.Server.Administrators;
using Halley.Server.Hosting;

namespace Halley.Server.AdminWeb.Security;

/// <summary>
/// Sets the security headers of pages: nothing from other hosts, no frames, no guessing of types, no referrer, no caching. Inline styles
/// are allowed, because MudBlazor computes its palette and positions; inline scripts are not. Only the sign-in page may speak with the
/// window that opened it, and only if the operator has listed sites for that.
/// </summary>
internal sealed class PageHeaders(RequestDelegate next, SessionSignInOptions sessionSignIn)
{
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; "
        + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Set, context);
        return next(context);
    }

    private Task Set(object state)
    {
        var context = (HttpContext)state;
        var response = context.Response;
        if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers["Cross-Origin-Opener-Policy"] =
                sessionSignIn.Origins.Length > 0 && context.Request.Path == AdministratorCookie.LoginPath ? "unsafe-none" : "same-origin";
            response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            response.Headers.XFrameOptions = "DENY";
            response.Headers.CacheControl = "no-store";
        }

        // Browsers heed it only when the certificate is one they trust.
        if (context.Request.IsHttps && !IsVault(context))
        {
            response.Headers.StrictTransportSecurity = "max-age=31536000";
        }

        if (!response.Headers.ContainsKey("X-Content-Type-Options") && !IsVault(context))
        {
            response.Headers.XContentTypeOptions = "nosniff";
        }

        return Task.CompletedTask;
    }

    // Thousands of small responses to programs: not a byte more than the protocol needs.
    private static bool IsVault(HttpContext context) =>
        context.Request.IsBelow(Protocol.Routes.Vault);
}
